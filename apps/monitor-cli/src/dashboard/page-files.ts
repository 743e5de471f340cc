// The files of the page, read once at start: bytes, plain and gzipped, with their type and a strong ETag of each form. Only
// what lay in the folder then is ever served, by its name; a path leads nowhere else.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface Form {
  readonly bytes: Buffer;
  readonly etag: string;
}

export interface PageFile {
  readonly type: string;
  readonly plain: Form;
  /** Undefined where it would not be smaller. */
  readonly gzipped: Form | undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
};
const GZIP_LEVEL = 9;

function form(bytes: Buffer): Form {
  return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"` };
}

function pageFile(bytes: Buffer, type: string): PageFile {
  const gzipped = gzipSync(bytes, { level: GZIP_LEVEL });
  return { type, plain: form(bytes), gzipped: gzipped.length < bytes.length ? form(gzipped) : undefined };
}

/** What stands at `/` where the page was not built. */
const NO_PAGE = pageFile(
  Buffer.from(
    '<!doctype html>\n<html lang="en"><title>jobhive</title><p>The page is not built here; the API is described at <a href="/api/openapi.json">/api/openapi.json</a>.</p></html>\n',
  ),
  'text/html; charset=utf-8',
);

/** By their path on the server: `/`, `/page.js`, … */
export function readPageFiles(folder: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>([['/', NO_PAGE]]);
  for (const name of namesIn(folder)) {
    const type = TYPES[extname(name)];
    const path = join(folder, name);
    if (type === undefined || !statSync(path).isFile()) continue;
    files.set(name === 'index.html' ? '/' : `/${name}`, pageFile(readFileSync(path), type));
  }
  return files;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []; // not built: `/` says so
    throw error;
  }
}
