import { UsageError } from '@jobhive/config';
import { STATUSES } from '@jobhive/db';
import { runProgram } from '@jobhive/test-kit';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../src/commands.ts';
import { complete } from '../src/complete.ts';
import { parseCommandLine } from '../src/parse-command-line.ts';
import { VERSION } from '../src/version.ts';

const parse = (line: string) => parseCommandLine(line.split(' ').filter(Boolean), COMMANDS);
const said = async (line: string): Promise<string> => {
  const parsed = await parse(line);
  return parsed.kind === 'say' ? parsed.text : `no text: ${parsed.kind}`;
};
const ID = '0b8fc9a6-5a3e-4d0c-9a52-3f2f6f0d8a11';

describe('a command line', () => {
  it.each([
    ['stauts', 'there is no command "stauts"; did you mean status? (see `monitor-cli --help`)'],
    ['zzzzzzzzzzzz', 'there is no command "zzzzzzzzzzzz" (see `monitor-cli --help`)'],
    ['status --bogus=3', '"--bogus" is not known here (see `monitor-cli status --help`)'],
    ['status extra', '"extra" is not known here (see `monitor-cli status --help`)'],
    ['status --no-json', '"--no-json" is not known here (see `monitor-cli status --help`)'],
    [`why ${ID} b`, '"b" is not known here (see `monitor-cli why --help`)'],
    ['why', 'an argument is missing (see `monitor-cli why --help`)'],
    ['jobs --limit', '--limit needs a value (see `monitor-cli jobs --help`)'],
    ['jobs --limit 0', '--limit is "0"; give a whole number from 1 to 1000'],
    ['jobs --limit 1001', '--limit is "1001"; give a whole number from 1 to 1000'],
    ['jobs --limit 1e2', '--limit is "1e2"; give a whole number from 1 to 1000'],
    ['jobs --limit -5', '--limit is "-5"; give a whole number from 1 to 1000'],
    ['jobs --limit 1 --limit 2', '--limit was given 2 times; give it once'],
    ['failed list --limit x', '--limit is "x"; give a whole number from 1 to 1000'],
    ['jobs --json --ndjson', 'give --json or --ndjson, not both'],
    ['top --json', '"--json" is not known here (see `monitor-cli top --help`)'],
    ['dashboard --json', '"--json" is not known here (see `monitor-cli dashboard --help`)'],
    ['retry', 'give one of --all, --job-id and --fingerprint'],
    ['clear', 'clear takes all waiting jobs out of the queue; add --confirm if that is meant'],
  ])('%s is wrong usage, told in one line with what to do', async (line, message) => {
    const error = await parse(line).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toHaveProperty('message', message);
  });

  it.each([
    'status',
    'workers --json',
    'jobs --text a --limit 1000',
    `why ${ID.toUpperCase()}`,
    `enqueue ${ID} ${ID}`,
    'failed',
    'failed groups',
    `failed show ${ID}`,
    'retry --all',
    'clear --confirm',
    'doctor',
  ])('%s is an act', async (line) => {
    expect((await parse(line)).kind).toBe('act');
  });

  it('knows --json also behind a command of a command', async () => {
    expect(await parse('failed groups --json')).toMatchObject({ kind: 'act', json: true });
    expect(await parse('failed')).toMatchObject({ kind: 'act', json: false });
  });

  it('without a command is nothing, with the help to show', async () => {
    const parsed = await parse('');
    expect(parsed.kind === 'nothing' && parsed.help).toContain('monitor-cli status');
  });

  it('shows help of each command, with examples', async () => {
    for (const { syntax } of COMMANDS) {
      const name = ([syntax].flat()[0] ?? '').split(' ')[0] ?? '';
      expect(await said(`${name} --help`)).toMatch(new RegExp(`monitor-cli ${name}[^]*Examples:`));
    }
  });

  it('tells the version of the workspace', async () => {
    const manifest: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
    expect(manifest).toHaveProperty('version', VERSION);
    expect(await said('--version')).toBe(VERSION);
  });
});

describe('completion', () => {
  it('prints a script for bash or zsh, and no other', async () => {
    expect(await said('completion bash')).toMatch(/complete -F _monitor_cli monitor-cli$/);
    expect(await said('completion zsh')).toMatch(/^#compdef monitor-cli/);
    await expect(parse('completion fish')).rejects.toThrow('completion knows bash and zsh, not "fish"');
  });

  it('gives the script as a document, too, as every command does that neither draws nor lives on', async () => {
    const script = await said('completion zsh');
    expect(JSON.parse(await said('completion zsh --json'))).toEqual({ shell: 'zsh', script });
  });

  it('completes commands, their commands, options, and what an option takes', async () => {
    expect((await said('--get-yargs-completions monitor-cli st')).split('\n')).toContain('status');
    expect(complete(['monitor-cli', 'failed', 'g'], COMMANDS)).toEqual(['list', 'groups', 'show']);
    expect(complete(['monitor-cli', 'status', '--'], COMMANDS)).toEqual(['--watch', '--json', '--help']);
    expect(complete(['monitor-cli', 'top', '--'], COMMANDS)).toEqual(['--help']);
    expect(complete(['monitor-cli', 'jobs', ''], COMMANDS)).toContain('--since');
    expect(complete(['monitor-cli', 'jobs', '--status', 'fa'], COMMANDS)).toEqual([...STATUSES]);
    expect(complete(['monitor-cli', 'jobs', '--status', '=', 'fa'], COMMANDS)).toEqual([...STATUSES]);
    expect(complete(['monitor-cli', 'jobs', '--text', ''], COMMANDS)).toEqual([]);
    expect(complete(['monitor-cli', 'completion', ''], COMMANDS)).toEqual(['bash', 'zsh']);
  });

  it('works in a real bash', async () => {
    const script = await said('completion bash');
    const answers = complete(['monitor-cli', 'jobs', '--status', 'pro'], COMMANDS).join('\n');
    const line = `monitor-cli() { printf '%s\n' "$ANSWERS"; }
      eval "$SCRIPT"; COMP_WORDS=(monitor-cli jobs --status pro); COMP_CWORD=3; _monitor_cli; echo "\${COMPREPLY[@]}"`;
    const { code, stdout, stderr } = await runProgram('/bin/bash', ['--norc', '-c', line], {
      env: { SCRIPT: script, ANSWERS: answers },
    });
    expect([code, stderr, stdout]).toEqual([0, '', 'processing processed\n']);
  });
});
