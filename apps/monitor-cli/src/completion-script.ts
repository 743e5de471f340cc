// The scripts that let bash and zsh complete the words of monitor-cli. They ask the program itself for what may stand next
// (complete.ts), so that a script once installed knows commands that came later. Pure.

export const SHELLS = ['bash', 'zsh'] as const;
export type Shell = (typeof SHELLS)[number];

/** What a script calls the program with; behind it stand the words of the line. */
export const COMPLETE = '--get-yargs-completions';

const BASH = `# completion of monitor-cli in bash; to keep it: monitor-cli completion bash >> ~/.bashrc
_monitor_cli() {
  local IFS=$'\\n'
  local answers
  answers="$("\${COMP_WORDS[0]}" ${COMPLETE} "\${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null)"
  local typed="\${COMP_WORDS[COMP_CWORD]}"
  [ "$typed" = '=' ] && typed=''
  COMPREPLY=($(compgen -W "$answers" -- "$typed"))
}
complete -F _monitor_cli monitor-cli
`;

const ZSH = `#compdef monitor-cli
# completion of monitor-cli in zsh; to keep it: monitor-cli completion zsh >> ~/.zshrc (after compinit)
_monitor_cli() {
  local -a answers
  answers=("\${(@f)$(\${words[1]} ${COMPLETE} "\${(@)words[1,CURRENT]}" 2>/dev/null)}")
  compadd -a answers
}
compdef _monitor_cli monitor-cli
`;

export function completionScript(shell: Shell): string {
  return shell === 'bash' ? BASH : ZSH;
}

/** The shell of the one who asks, by the path of it; bash where it is another. */
export function shellOf(path: string | undefined): Shell {
  return path?.endsWith('zsh') === true ? 'zsh' : 'bash';
}
