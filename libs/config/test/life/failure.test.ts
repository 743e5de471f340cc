import { describe, expect, it } from 'vitest';
import {
  ConfigurationError,
  ProgramError,
  RefusedError,
  ShutdownRequested,
  UnavailableError,
  UsageError,
} from '../../src/index.ts';
import { explainFailure, explainUncaught } from '../../src/life/failure.ts';

describe('a failure is told in one line, with its exit code', () => {
  it.each([
    [new UsageError('two of them'), 2, 'error: two of them'],
    [new RefusedError('not found'), 1, 'error: not found'],
    [new UnavailableError('Redis is away: start it'), 1, 'error: Redis is away: start it'],
    [new ProgramError('other', { code: 'x', exitCode: 2 }), 2, 'error: other'],
    [new Error('one\n  two\u001b[2J'), 1, 'error: one two [2J'],
    [new Error('at redis://:hunter2@h'), 1, 'error: at redis://[secret]@h'],
    [new AggregateError([new Error('refused')], ''), 1, 'error: refused'],
    [new AggregateError([], ''), 1, 'error: AggregateError'],
    [new RangeError(''), 1, 'error: RangeError'],
    ['text', 1, 'error: text'],
    [{ odd: true }, 1, 'error: something was thrown that is no error'],
  ])('%s', (error, exitCode, line) => {
    expect(explainFailure(error, false)).toEqual({ exitCode, lines: [line] });
  });
});

it('tells each wrong value in a line of its own', () => {
  const error = new ConfigurationError(['A is "x": y is allowed', 'B is "x": y is allowed']);
  expect(error.code).toBe('configuration');
  expect(explainFailure(error, false)).toEqual({
    exitCode: 2,
    lines: ['error: A is "x": y is allowed', 'error: B is "x": y is allowed'],
  });
});

it('adds the stack, and that of the cause, where it is wanted', () => {
  const error = new RefusedError('not found', { code: 'job_not_found', cause: new Error('deeper') });
  const { lines } = explainFailure(error, true);
  expect(error.code).toBe('job_not_found');
  expect(lines[0]).toBe('error: not found');
  expect(lines.some((line) => line.includes('failure.test.ts'))).toBe(true);
  expect(lines).toContain('caused by:');
  expect(explainFailure('text', true).lines).toEqual(['error: text']);
  expect(explainFailure(Object.assign(new Error('bare'), { stack: undefined }), true).lines).toEqual(['error: bare']);
});

it('takes the echo of an asked-for shutdown as none, unless nobody waited for it', () => {
  const echo = new Error('aborted', { cause: new ShutdownRequested('SIGTERM') });
  expect(explainFailure(echo, false)).toEqual({ exitCode: 0, lines: [] });
  expect(explainUncaught(echo, false)).toEqual({
    exitCode: 1,
    lines: ['error: aborted, which nobody waited for'],
  });
  expect(explainUncaught(new UsageError('x'), false)).toEqual({ exitCode: 1, lines: ['error: x'] });
});
