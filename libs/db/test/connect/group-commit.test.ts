import { describe, expect, it } from 'vitest';
import { groupCommit } from '../../src/connect/group-commit.ts';
import { PostgresAwayError } from '../../src/lifecycle/errors.ts';

/** Statements that end when the test says so. */
function statements() {
  const batches: (readonly number[])[] = [];
  const ends: ((error?: unknown) => void)[] = [];
  const run = (asks: readonly number[]): Promise<number[]> => {
    batches.push(asks);
    return new Promise((resolve, reject) => {
      ends.push((error) => {
        if (error === undefined) resolve(asks.map((ask) => ask * 10));
        else reject(error instanceof Error ? error : new Error('not an error'));
      });
    });
  };
  return { batches, run, end: (error?: unknown) => ends.shift()?.(error) };
}

const coded = (code: string): Error => Object.assign(new Error(code), { code });

it('has one statement in flight; what is asked meanwhile goes with the next, in its order', async () => {
  const { batches, run, end } = statements();
  const commit = groupCommit(run, 64);
  const answers = Promise.all([1, 2, 3, 4].map((ask) => commit(ask)));
  expect(batches).toEqual([[1]]);
  expect(commit.waiting).toBe(3);
  end();
  await commitTurn();
  expect(batches).toEqual([[1], [2, 3, 4]]);
  expect(commit.waiting).toBe(0);
  end();
  expect(await answers).toEqual([10, 20, 30, 40]);
  const later = commit(5);
  expect(batches.at(-1)).toEqual([5]);
  end();
  expect(await later).toBe(50);
});

it('asks no more at once than it may', async () => {
  const { batches, run, end } = statements();
  const commit = groupCommit(run, 2);
  const answers = Promise.all([1, 2, 3, 4, 5, 6].map((ask) => commit(ask)));
  for (let n = 0; n < 4; n += 1) {
    end();
    await commitTurn();
  }
  expect(batches).toEqual([[1], [2, 3], [4, 5], [6]]);
  expect(await answers).toEqual([10, 20, 30, 40, 50, 60]);
});

describe('a batch that fails', () => {
  it.each(['22P05', '55P03', '23514'])(
    'by one row (%s) fails that one alone: it is run again row by row',
    async (code) => {
      const batches: (readonly number[])[] = [];
      const commit = groupCommit(async (asks: readonly number[]) => {
        batches.push(asks);
        await commitTurn();
        if (asks.includes(3)) throw coded(code);
        return asks;
      }, 64);
      const ends = await Promise.allSettled([1, 2, 3, 4].map((ask) => commit(ask)));
      expect(ends.map((end) => end.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
      expect(batches).toEqual([[1], [2, 3, 4], [2], [3], [4]]);
    },
  );

  it.each([coded('ECONNREFUSED'), coded('57P01'), new PostgresAwayError(undefined, 'x')])(
    'since Postgres is away fails for all, at once (%s)',
    async (away) => {
      const { batches, run, end } = statements();
      const commit = groupCommit(run, 64);
      const ends = Promise.allSettled([1, 2, 3].map((ask) => commit(ask)));
      end();
      await commitTurn();
      end(away);
      expect((await ends).map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'rejected']);
      expect(batches).toEqual([[1], [2, 3]]);
    },
  );

  it('does not stop those that come after it', async () => {
    const { run, end } = statements();
    const commit = groupCommit(run, 64);
    const first = commit(1);
    end(coded('22P05'));
    await expect(first).rejects.toMatchObject({ code: '22P05' });
    const second = commit(2);
    end();
    expect(await second).toBe(20);
  });
});

it('tells a caller whose answer is missing, rather than leave it waiting', async () => {
  const commit = groupCommit(() => Promise.resolve([]), 64);
  await expect(commit(1)).rejects.toThrow('fewer answers');
});

/** Lets what has been resolved run. */
function commitTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
