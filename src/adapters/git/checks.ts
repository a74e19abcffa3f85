import type { CheckResult } from "../../core/integration/index.ts";
import { keptOutput, runCommand } from "../process/command.ts";
import { withCheckout } from "./checkout.ts";
import { allowedEnv } from "./git.ts";
import type { Git } from "./git.ts";

/** A command that a committed `skein.yml` names. */
export interface CheckCommand {
  /** The program and its arguments: no shell reads them. */
  readonly argv: readonly string[];
  readonly timeoutMs: number;
}

export interface CheckRun {
  readonly name: string;
  readonly command: CheckCommand;
  /** The commit to check. */
  readonly commit: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Runs a check at a commit in a worktree of its own, which is removed afterwards. */
export async function runCheckAt(
  git: Git,
  { name, command, commit, env }: CheckRun,
): Promise<CheckResult> {
  return withCheckout(git, commit, async ({ root }) => {
    const { exitCode, note, output } = await runCommand({
      command: command.argv,
      cwd: root,
      env: { ...allowedEnv(env), CI: "true", SKEIN_CHECK: name },
      timeoutMs: command.timeoutMs,
    });
    const said = note === null ? output : `${output}\n${note}`;
    return { name, passed: exitCode === 0, exitCode, output: said.slice(-keptOutput).trim() };
  });
}
