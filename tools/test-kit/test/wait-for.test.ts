import { describe, expect, it } from 'vitest';
import { waitFor } from '../src/wait-for.ts';

describe('waitFor', () => {
  it('answers with the first truthy answer of the condition', async () => {
    let asked = 0;
    expect(await waitFor('the third time', () => ++asked === 3 && `asked ${asked}`)).toBe('asked 3');
  });

  it('says what it waited for, what it saw last and what the state of things is', async () => {
    const failing = waitFor('two jobs', () => [].length, { timeoutMs: 30, describe: () => 'queue: empty' });
    await expect(failing).rejects.toThrow('waited 30 ms for two jobs; saw last: 0\nqueue: empty');
  });

  it('asks a condition that throws again, and keeps its last error as the cause', async () => {
    const cause = new Error('connection refused');
    const failing = waitFor('an answer', () => Promise.reject(cause), { timeoutMs: 30 });
    await expect(failing).rejects.toMatchObject({ name: 'WaitError', cause });
  });

  it('ends in time though the condition never answers', async () => {
    const failing = waitFor('an answer', () => new Promise<boolean>(() => undefined), { timeoutMs: 30 });
    await expect(failing).rejects.toThrow('no answer to the question within 30 ms');
  });
});
