import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findTestProgram } from '../src/test-program.ts';

const wanted = { names: ['no-such-program', 'node'], what: 'node for a test', install: 'install node' };
const fetched = { file: '/fetched/node', env: { LD_LIBRARY_PATH: '/fetched' } };
const fetch = (): Promise<typeof fetched> => Promise.resolve(fetched);
const nowhere = '/nowhere';

describe('findTestProgram', () => {
  it('takes the first name that is on the path, and fetches nothing', async () => {
    const found = await findTestProgram({
      ...wanted,
      path: dirname(process.execPath),
      fetch: () => Promise.reject(new Error('fetched')),
    });
    expect(found).toEqual({ file: expect.stringMatching(/\/node$/) as string, env: {} });
  });

  it('fetches what is not there', async () => {
    await expect(findTestProgram({ ...wanted, path: nowhere, fetch })).resolves.toEqual(fetched);
  });

  it.each([
    [
      'there is no apt',
      () => Promise.resolve(undefined),
      'no node for a test, and no apt-get to fetch one privately: install node',
    ],
    [
      'the network is away',
      () => Promise.reject(new Error('no route')),
      "no node for a test, and Debian's could not be fetched (no route): install node",
    ],
  ])('says what to install where %s', async (_what, failing, message) => {
    await expect(findTestProgram({ ...wanted, path: nowhere, fetch: failing })).rejects.toThrow(message);
  });
});
