// The user that the containers' apps are in Redis may call what libs/queue calls, by itself and in scripts: a command that is
// new in the code and not in docker/redis/users.acl would stop the whole queue there, and there alone.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testRedis } from '@jobhive/test-kit';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
/** Members of the client that are no commands. */
const NO_COMMANDS = new Set(['on', 'off', 'once', 'disconnect', 'call']);

function commandsOfSource(): string[] {
  const folder = join(ROOT, 'libs/queue/src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const texts = files.map((name) => readFileSync(join(folder, name), 'utf8'));
  const named = texts.flatMap((text) => [
    ...text.matchAll(/redis\.call\('([A-Z]+)'/g),
    ...text.matchAll(/\bclient\.([a-z]+)\(/g),
  ]);
  return [...new Set(named.map(([, name = '']) => name.toLowerCase()))].filter((name) => !NO_COMMANDS.has(name)).sort();
}

/** The rules of `user jobhive`, as users.acl's own head says how to read them. */
function rulesOfUser(): string[] {
  const lines = readFileSync(join(ROOT, 'docker/redis/users.acl'), 'utf8').split('\n');
  const from = lines.findIndex((line) => line.startsWith('user jobhive'));
  const rest = lines.slice(from + 1);
  const to = rest.findIndex((line) => !line.startsWith('  '));
  const words = rest.slice(0, to === -1 ? undefined : to).flatMap((line) => line.trim().split(/\s+/));
  return words.map((word) => word.replace('@FAILED_QUEUE@', 'failed_jobs'));
}

it('may call every command that the code calls', async () => {
  const redis = await testRedis();
  try {
    await redis.client.acl('SETUSER', 'jobhive', 'on', 'nopass', ...rulesOfUser());
    const commands = commandsOfSource();
    expect(commands).toContain('rpoplpush');
    const refused = new Set<string>();
    for (const name of commands) {
      // Redis looks at the number of arguments first, so some are tried.
      for (const given of [[], ['bq:k'], ['bq:k', 'x'], ['bq:k', 'x', 'x'], ['bq:k', 'x', 'x', 'x']]) {
        const answer = await redis.client.call('ACL', 'DRYRUN', 'jobhive', name, ...given).catch(String);
        if (/no permissions to run/.test(String(answer))) refused.add(name);
      }
    }
    expect([...refused]).toEqual([]);
  } finally {
    await redis.stop();
  }
});
