import { UsageError } from '@jobhive/config';
import { describe, expect, it } from 'vitest';
import { parseOptions } from '../src/options.ts';

const parse = (line: string) => parseOptions(line.split(' ').filter((word) => word !== ''));

describe('the command line', () => {
  it('polls as the environment says when it says nothing', () => {
    expect(parse('')).toEqual({ command: 'poll', sources: [], once: false, autoEnqueue: undefined });
  });

  it('takes several sources, in their order', () => {
    expect(parse('--once --source file:b -s file:a,c --auto-enqueue')).toEqual({
      command: 'poll',
      sources: ['file:b', 'file:a,c'],
      once: true,
      autoEnqueue: true,
    });
  });

  it('can switch auto-enqueue off, whatever the environment says', () => {
    expect(parse('--no-auto-enqueue')).toMatchObject({ autoEnqueue: false });
  });

  it('has two questions', () => {
    expect(parse('sources')).toEqual({ command: 'sources', json: false });
    expect(parse('rejected --json')).toEqual({ command: 'rejected', json: true, limit: 1000 });
    expect(parse('rejected --limit 7')).toMatchObject({ limit: 7 });
  });

  it('teaches, with examples', () => {
    for (const line of ['--help', '-h', '--once --help']) {
      const options = parse(line);
      const text = options.command === 'help' ? options.text : '';
      for (const word of ['--source', 'file:PATH', '--once', '--auto-enqueue', 'Examples:', 'sources', 'rejected']) {
        expect(text).toContain(word);
      }
    }
    expect(parse('rejected --help')).toMatchObject({ command: 'help' });
  });

  it.each([
    ['--nope', 'nope'],
    ['--Once', 'Once'],
    ['start', 'start'],
    ['-- sources', 'sources'],
    ['--source', 'source'],
    ['--no-source', 'source'],
    ['sources rejected', 'rejected'],
    ['sources --once', 'once'],
    ['rejected --limit 0', 'limit'],
    ['rejected --limit 10001', 'limit'],
    ['rejected --limit 1e3', 'limit'],
    ['rejected --limit 1 --limit 2', 'limit'],
    ['rejected --no-limit', 'limit'],
  ])('refuses `%s` and names %s', (line, word) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(new RegExp(`${word}.*poller --help`));
  });
});
