// completion: the script for a shell, on stdout. It needs nothing else: no settings, no store.
import { UsageError } from '@jobhive/config';
import { RECORD, type Command } from '../command.ts';
import { completionScript, SHELLS, shellOf } from '../completion-script.ts';
import { jsonLine } from '../print/output.ts';

export const completionCommand: Command = {
  syntax: 'completion [shell]',
  describe: 'print a script that completes commands in bash or zsh',
  positionals: { shell: `${SHELLS.join(' or ')}; default: the shell you use` },
  values: SHELLS,
  examples: [
    ['$0 completion bash >> ~/.bashrc', 'for bash'],
    ['$0 completion zsh >> ~/.zshrc', 'for zsh, after compinit'],
  ],
  say: (args) => {
    const wanted = args.text('shell');
    const shell = wanted === undefined ? shellOf(process.env['SHELL']) : SHELLS.find((name) => name === wanted);
    if (shell === undefined)
      throw new UsageError(`completion knows ${SHELLS.join(' and ')}, not ${JSON.stringify(wanted)}`);
    const script = completionScript(shell).trimEnd();
    return args.flag('json') ? jsonLine({ shell, script }) : script;
  },
  prepare: () => ({ needs: RECORD, run: () => Promise.resolve() }), // not reached: it has said all
};
