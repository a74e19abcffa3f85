import { SkeinError } from "../../core/base/errors.ts";
import { nearest } from "../../core/base/nearest.ts";
import type { Answer, Call } from "../command.ts";
import { cliErrors } from "../errors.ts";

/** Each script hands the words so far to `skein complete` and offers what that prints; files where it prints nothing. */
const scripts = new Map([
  [
    "bash",
    `# skein: put this into ~/.bashrc:  eval "$(skein completion bash)"
_skein() {
  local IFS=$'\\n'
  COMPREPLY=($(skein complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _skein skein`,
  ],
  [
    "zsh",
    `# skein: put this into ~/.zshrc:  eval "$(skein completion zsh)"
_skein() {
  local -a found
  found=("\${(@f)$(skein complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$found" ]]; then compadd -a found; else _files; fi
}
compdef _skein skein`,
  ],
  [
    "fish",
    `# skein: run  skein completion fish > ~/.config/fish/completions/skein.fish
complete -c skein -f -a '(skein complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'`,
  ],
  [
    "powershell",
    `# skein: put this into $PROFILE:  skein completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName skein -ScriptBlock {
  param($word, $ast, $cursor)
  $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
  if ($word -eq '') { $words += '""' }
  skein complete @words 2>$null | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}`,
  ],
]);

/** `skein completion SHELL`. */
export async function completion({ args }: Call): Promise<Answer> {
  const [shell = ""] = args;
  const script = scripts.get(shell === "pwsh" ? "powershell" : shell);
  if (script === undefined) {
    const guess = nearest(shell, scripts.keys());
    throw new SkeinError(cliErrors.badValue, {
      message: `There is no completion for ${JSON.stringify(shell)}.`,
      fix:
        guess === null
          ? `Use one of: ${[...scripts.keys()].join(", ")}.`
          : `Did you mean ${guess}?`,
      facts: { shell },
    });
  }
  return { data: { shell, script }, lines: script.split("\n") };
}
