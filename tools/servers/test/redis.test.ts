import { connect } from 'node:net';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startPrivateRedis, type PrivateRedisOptions } from '../src/redis.ts';
import type { RunningServer } from '../src/running-server.ts';

const started: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.remove()));
});

async function redis(options: PrivateRedisOptions = {}): Promise<RunningServer> {
  const server = await startPrivateRedis(options);
  started.push(server);
  return server;
}

/** What the server answers to inline commands, one after the other. */
function say(port: number, ...commands: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect(port, '127.0.0.1', () => socket.write([...commands, 'QUIT', ''].join('\r\n')));
    socket.on('data', (chunk) => (heard += chunk.toString()));
    socket.on('end', () => resolve(heard));
    socket.on('error', reject);
  });
}

describe('startPrivateRedis', () => {
  it('starts servers side by side, each on its own port, that never evict', async () => {
    const [one, two] = await Promise.all([redis(), redis()]);
    expect(one.port).not.toBe(two.port);
    expect(await say(one.port, 'CONFIG GET maxmemory-policy')).toContain('noeviction');
  });

  it('asks for its password, whatever characters that has', async () => {
    const server = await redis({ password: 'a"b\\c' });
    expect(server.url).toBe(`redis://:a%22b%5Cc@127.0.0.1:${server.port}`);
    expect(await say(server.port, 'GET x')).toContain('NOAUTH');
  });

  it('comes back on the same port after SIGKILL, with what it had where it appends', async () => {
    const server = await redis({ appendonly: true });
    await say(server.port, 'CONFIG SET appendfsync always', 'SET kept yes');
    const { pid } = server;
    await server.kill();
    await expect(say(server.port, 'PING')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    expect(await say(server.port, 'GET kept')).toContain('yes');
    expect(server.pid).not.toBe(pid);
  });

  it('removes the data it made', async () => {
    const server = await redis();
    expect(existsSync(server.dataDir)).toBe(true);
    await server.remove();
    expect(existsSync(server.dataDir)).toBe(false);
  });

  it('tells what the server said where it does not start', async () => {
    await expect(redis({ args: ['--no-such-setting', 'x'] })).rejects.toThrow(
      /redis-server ended at once:[^]*no-such-setting/,
    );
  });

  it('starts on data that an abandoned server still holds, and ends that one', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'jobhive-kept-'));
    const first = await redis({ dataDir, appendonly: true });
    await say(first.port, 'SET kept yes');
    const second = await redis({ dataDir, appendonly: true });
    expect(await say(second.port, 'GET kept')).toContain('yes');
    await expect(say(first.port, 'PING')).rejects.toThrow('ECONNREFUSED');
    await second.stop();
    rmSync(dataDir, { recursive: true });
  });
});
