// The page's files: their types, a strong ETag of each form, and nothing beyond what lay in the folder.
import { gunzipSync } from 'node:zlib';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPageFiles } from '../../src/dashboard/page-files.ts';
import { servePage } from '../../src/dashboard/serve-page.ts';
import { fastify, type FastifyInstance } from 'fastify';

const SCRIPT = 'console.log("page");\n'.repeat(200);
let folder: string;
let app: FastifyInstance;
let port: number;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jobhive-page-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(folder, 'page.js'), SCRIPT);
  writeFileSync(join(folder, 'page.css'), 'body { color: black }');
  writeFileSync(join(folder, 'notes.txt'), 'not served');
  app = fastify();
  servePage(app, readPageFiles(folder));
  port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

interface Got {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
}

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Got> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () =>
        resolve({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(parts) }),
      );
    })
      .on('error', reject)
      .end();
  });
}

describe('the page', () => {
  it('comes with its type, and gzipped to who takes that', async () => {
    expect((await get('/')).headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
    });
    const plain = await get('/page.js');
    expect([plain.bytes.toString(), plain.headers['content-encoding']]).toEqual([SCRIPT, undefined]);
    const zipped = await get('/page.js', { 'accept-encoding': 'br, gzip' });
    expect([gunzipSync(zipped.bytes).toString(), zipped.headers['vary']]).toEqual([SCRIPT, 'accept-encoding']);
    expect(zipped.bytes.length).toBeLessThan(plain.bytes.length / 10);
    expect((await get('/page.js', { 'accept-encoding': 'gzip;q=0, br' })).headers['content-encoding']).toBeUndefined();
    expect((await get('/page.css')).headers['content-type']).toBe('text/css; charset=utf-8');
    expect((await get('/page.js', {}, 'HEAD')).bytes).toHaveLength(0);
  });

  it('is not sent again to who has it in this form', async () => {
    const [plain, zipped] = [await get('/page.js'), await get('/page.js', { 'accept-encoding': 'gzip' })];
    const etags = [String(plain.headers['etag']), String(zipped.headers['etag'])];
    expect(etags[0]).toMatch(/^"[\w-]{27}"$/);
    expect(etags[0]).not.toBe(etags[1]);
    const again = await get('/page.js', { 'if-none-match': `"other", ${etags[0] ?? ''}` });
    expect([again.status, again.bytes.length, again.headers['etag']]).toEqual([304, 0, etags[0]]);
    expect((await get('/page.js', { 'if-none-match': etags[1] ?? '' })).status).toBe(200);
  });

  it('has nothing beyond its folder, and nothing of an unknown kind', async () => {
    for (const path of ['/notes.txt', '/../package.json', '/%2e%2e/package.json', '/page.js/x', '/index.html']) {
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
  });

  it('that was not built says so', () => {
    expect(readPageFiles(join(folder, 'none')).get('/')?.plain.bytes.toString()).toContain('not built');
  });
});
