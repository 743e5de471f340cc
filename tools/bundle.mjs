/**
 * Builds one project with esbuild: `node tools/bundle.mjs PROJECT_FOLDER [--serve ARGS…]`. An app becomes dist/apps/APP/, which
 * runs copied to an empty folder, without node_modules; a library's packages stay outside. With --serve it builds again at
 * each change, and runs the app with ARGS after each good build (serve.mjs). A folder `page` with a main.tsx is bundled for the
 * browser, into page/ beside the program.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const [folder, ...rest] = process.argv.slice(2);
if (folder === undefined || !existsSync(resolve(root, folder, 'package.json'))) {
  console.error('error: usage: node tools/bundle.mjs PROJECT_FOLDER [--serve ARGS…]');
  process.exit(2);
}
const project = resolve(root, folder);
const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
const isApp = existsSync(join(project, 'src/main.ts'));
const target = join(root, 'dist', relative(root, project));

/** Starts an app by its name, where its folder is in the PATH. */
const CALLED_BY_NAME = `#!/bin/sh
exec node "$(dirname "$(readlink -f "$0")")/main.js" "$@"
`;

if (rest[0] === '--serve') await serve(rest.slice(rest[1] === '--' ? 2 : 1));
else await buildOnce();

async function buildOnce() {
  rmSync(target, { recursive: true, force: true });
  finish(await build(options([])));
  for (const folder of pageFolders()) await buildPage(folder);
}

async function serve(args) {
  const { programRunner } = await import('./serve.mjs');
  const runner = await programRunner(root, join(target, 'main.js'), args);
  const afterBuild = {
    name: 'run',
    setup: (watched) =>
      watched.onEnd((result) => {
        if (result.errors.length > 0) return;
        finish(result);
        runner.restart();
      }),
  };
  const watching = await context(options([afterBuild]));
  await watching.watch();
  await runner.ended;
  await watching.dispose();
  process.exit(0);
}

/** What is imported lazily becomes a file of its own, unless threads are started, whose files must be whole: linking several can crash them. */
function options(plugins) {
  const entryPoints = entries();
  return {
    absWorkingDir: root,
    entryPoints,
    outdir: target,
    bundle: true,
    splitting: entryPoints.length === 1,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    keepNames: true,
    sourcemap: true,
    metafile: true,
    logLevel: 'warning',
    packages: isApp ? 'bundle' : 'external',
    external: ['pg-native', '@napi-rs/nice'],
    banner: { js: banner() },
    define: { __filename: '__jobhiveFilename', __dirname: '__jobhiveDirname', navigator: '{"userAgent":"Node.js"}' },
    plugins: [withoutDevtools(), withLuaScripts(), ...plugins],
  };
}

/** The program, and what it starts as threads: those files must stand beside it, Piscina's own under the name `worker`. */
function entries() {
  const found = [{ in: join(project, isApp ? 'src/main.ts' : 'src/index.ts'), out: isApp ? 'main' : 'index' }];
  for (const file of readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('-thread.ts')) found.push({ in: join(project, 'src', file), out: basename(file, '.ts') });
  }
  if (isApp && manifest.dependencies?.piscina) {
    const piscina = createRequire(join(project, 'package.json')).resolve('piscina');
    found.push({ in: join(dirname(piscina), 'worker.js'), out: 'worker' });
  }
  return found;
}

/** Where the browser's source is: a folder `page` with a main.tsx. */
function pageFolders() {
  const files = readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' });
  const folders = files.filter((file) => /(^|[\\/])page[\\/]main\.tsx$/.test(file));
  return folders.map((file) => dirname(join(project, 'src', file)));
}

/** Script and style sheet, each in one file, all packages in them: the page asks no other host. */
async function buildPage(folder) {
  const outdir = join(target, 'page');
  await build({
    absWorkingDir: root,
    entryPoints: [
      { in: join(folder, 'main.tsx'), out: 'page' },
      { in: join(folder, 'page.css'), out: 'page' },
    ],
    outdir,
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: ['es2023', 'chrome120', 'firefox121', 'safari17'],
    legalComments: 'none',
    logLevel: 'warning',
    tsconfig: join(folder, 'tsconfig.json'),
  });
  cpSync(join(folder, 'index.html'), join(outdir, 'index.html'));
}

/** What CommonJS packages inside an ES module expect to be there; two of the names by `define`, for some packages declare those themselves. */
function banner() {
  return [
    "import { createRequire as __jobhiveCreateRequire } from 'node:module';",
    "import { fileURLToPath as __jobhiveFileURLToPath } from 'node:url';",
    'const require = __jobhiveCreateRequire(import.meta.url);',
    'const __jobhiveFilename = __jobhiveFileURLToPath(import.meta.url);',
    "const __jobhiveDirname = __jobhiveFileURLToPath(new URL('.', import.meta.url));",
  ].join('\n');
}

/** The manifest makes Node read ES modules; an app can be called by its name where its folder is in the PATH; migrations go where the program looks for them. */
function finish({ metafile }) {
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'package.json'), '{ "type": "module" }\n');
  if (isApp) writeFileSync(join(target, basename(target)), CALLED_BY_NAME, { mode: 0o755 });
  const migrations = join(root, 'libs/db/migrations');
  const usesDatabase = Object.keys(metafile.inputs).some((input) => input.startsWith('libs/db/'));
  if (usesDatabase && existsSync(migrations)) cpSync(migrations, join(target, 'migrations'), { recursive: true });
}

/** Ink asks for React's developer tools, which nobody has. */
function withoutDevtools() {
  const setup = (watched) => {
    watched.onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({ path, namespace: 'empty' }));
    watched.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export default {};' }));
  };
  return { name: 'without-devtools', setup };
}

/** Bee-Queue reads its Lua scripts from beside itself, where a bundle has none: they go in as text. */
function withLuaScripts() {
  const filter = /bee-queue[\\/]lib[\\/]lua[\\/]index\.js$/;
  return { name: 'lua-scripts', setup: (watched) => watched.onLoad({ filter }, ({ path }) => luaLoader(path)) };
}

function luaLoader(path) {
  const names = readdirSync(dirname(path)).filter((name) => name.endsWith('.lua'));
  const texts = Object.fromEntries(names.map((name) => [name, readFileSync(join(dirname(path), name), 'utf8')]));
  const source = readFileSync(path, 'utf8')
    .replace("readFile(path.join(__dirname, file), 'utf8')", 'Promise.resolve(LUA[file])')
    .replace('readDir(__dirname)', 'Promise.resolve(Object.keys(LUA))');
  if (source.split('LUA').length !== 3) throw new Error(`${path} has changed: see luaLoader in tools/bundle.mjs`);
  return { contents: `const LUA = ${JSON.stringify(texts)};\n${source}`, loader: 'js' };
}
