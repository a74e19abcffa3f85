import type { Repository } from "../../adapters/git/index.ts";
import type { GuardSubject } from "../../core/guarding/index.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Variables in which hosts name the conversation to what their agents run. */
const hostVariables = [
  ["CLAUDE_CODE_SESSION_ID", "claude"],
  ["CODEX_THREAD_ID", "codex"],
  ["CODEX_SESSION_ID", "codex"],
  ["GEMINI_SESSION_ID", "gemini"],
  ["OPENCODE_SESSION_ID", "opencode"],
] as const;

/** What the environment says of the agent that runs this process. */
export interface EnvironmentIdentity {
  readonly handle: string | null;
  readonly externalId: string | null;
}

/** Reads who acts from the environment; null when it names no agent. `SKEIN_PERSON=1` is how a person says so. */
export function identityOfEnvironment(env: Env): EnvironmentIdentity | null {
  if (filled(env["SKEIN_PERSON"]) !== null) {
    return null;
  }
  const handle = filled(env["SKEIN_SESSION"]);
  const externalId = filled(env["SKEIN_EXTERNAL_ID"]) ?? hostIdOf(env);
  return handle === null && externalId === null ? null : { handle, externalId };
}

function hostIdOf(env: Env): string | null {
  for (const [variable, host] of hostVariables) {
    const id = filled(env[variable]);
    if (id !== null && /^[\w.-]{1,128}$/u.test(id)) {
      return `${host}:${id}`;
    }
  }
  return null;
}

/** What tells an agent from a person. */
export interface IdentityFacts {
  readonly env: Env;
  readonly repository: Repository;
  /** True when a person's terminal is at the other end. */
  readonly isTerminal: boolean;
  /** The host as processes are stamped with it. */
  readonly host: string;
}

/**
 * Who acts, as far as this machine can tell: whom the environment names, else whoever stamped this worktree with a live claim, else a
 * person. In the main worktree a terminal means a person: agents are given none.
 */
export function subjectOf({ env, repository, isTerminal, host }: IdentityFacts): GuardSubject {
  const named = identityOfEnvironment(env);
  return {
    handle: named?.handle ?? null,
    externalId: named?.externalId ?? null,
    gitDir: repository.gitDir,
    branch: repository.branch,
    host,
    isPerson: filled(env["SKEIN_PERSON"]) !== null || (isTerminal && !repository.isWorktree),
  };
}

function filled(text: string | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}
