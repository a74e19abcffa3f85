import type { Repository } from "../../adapters/git/index.ts";
import type { Caller } from "../../core/dispatch/index.ts";
import type { HookContext, Notes } from "./context.ts";
import { createLocalWorktree } from "./local-worktree.ts";
import { externalIds } from "./payload.ts";
import type { HookCall } from "./payload.ts";

/** What a hook's answer is made of, before it is known who asks. */
export interface HookParts {
  readonly skein: HookContext["skein"];
  readonly repository: Repository;
  /** Where the hook runs, for a host that does not say where its agent stands. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly notes: Notes;
  readonly isExempt: (path: string) => Promise<boolean>;
}

/** Puts together what one call is answered from. */
export function createHookContext(parts: HookParts, call: HookCall): HookContext {
  const { skein, repository, env, notes, isExempt } = parts;
  const caller = callerOfHook(parts, call);
  const { externalId } = caller;
  const cwd = call.cwd ?? parts.cwd;
  return {
    skein,
    notes,
    isExempt,
    caller,
    worktree: createLocalWorktree({ repository, cwd, env, notes, externalId }),
  };
}

/**
 * Who a hook's host says is acting. A handle in the environment names an agent that was started with one; it is taken where the host gives
 * no id of a subagent.
 */
export function callerOfHook(
  { repository, env }: Pick<HookParts, "repository" | "env">,
  call: HookCall,
): Caller {
  const { own, parent } = externalIds(call);
  const handle = call.agent === null ? (env["SKEIN_SESSION"] ?? "") : "";
  const external = env["SKEIN_EXTERNAL_ID"] ?? "";
  return {
    handle: handle === "" ? null : handle,
    externalId: external === "" || call.agent !== null ? own : external,
    parentExternalId: parent,
    process: null,
    client: own === null ? null : clientNames[call.host],
    gitDir: repository.gitDir,
    branch: repository.branch,
    name: null,
    role: null,
    skills: null,
    needsHandle: false,
  };
}

const clientNames: Readonly<Record<HookCall["host"], string>> = {
  claude: "claude-code",
  codex: "codex",
  gemini: "gemini",
  opencode: "opencode",
};
