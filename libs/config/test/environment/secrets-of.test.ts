import { expect, it } from 'vitest';
import { readEnvironment, secretsOf, variables } from '../../src/index.ts';

it('finds every secret of an environment, passwords also as they are when decoded', () => {
  const environment = readEnvironment({
    REDIS_PASSWORD: 'redis-pass',
    DATABASE_URL: 'postgres://u:pg%40pass@h/db',
    OPERATOR_TOKEN: 'operator',
    VIEWER_TOKEN: 'viewer',
    NOTIFY_WEBHOOK_URL: 'https://hooks.example/abc',
    NOTIFY_WEBHOOK_SECRET: 'hook-secret',
    LLM_BASE_URL: 'https://llm.example',
    LLM_MODEL: 'small',
    LLM_API_KEY: 'sk-12345',
  });
  expect(secretsOf(environment)).toEqual([
    'redis-pass',
    'postgres://u:pg%40pass@h/db',
    'pg%40pass',
    'pg@pass',
    'operator',
    'viewer',
    'https://hooks.example/abc',
    'hook-secret',
    'sk-12345',
  ]);
});

it('leaves out what is too short to be one', () => {
  const environment = readEnvironment({ REDIS_PASSWORD: 'abc', DATABASE_URL: 'postgres://h/db' });
  expect(secretsOf(environment)).toEqual(['postgres://h/db']);
});

it('knows as secrets what the contract says', () => {
  const secret = Object.values(variables).filter((variable) => variable.secret);
  expect(secret.map(({ name }) => name).sort()).toEqual([
    'DATABASE_URL',
    'LLM_API_KEY',
    'NOTIFY_WEBHOOK_SECRET',
    'NOTIFY_WEBHOOK_URL',
    'OPERATOR_TOKEN',
    'REDIS_PASSWORD',
    'REDIS_URL',
    'VIEWER_TOKEN',
  ]);
});
