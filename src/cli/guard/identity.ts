import type { Repository } from "../../adapters/git/index.ts";
import type { GuardSubject } from "../../core/guarding/index.ts";
import { isSwitchedOn } from "../../settings.ts";

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

/** Is 1 where a person says that they act. */
const personVariable = "SKEIN_PERSON";

/** Reads who acts from the environment; null when it names no agent. @throws {SkeinError} SKN-2005 for a `SKEIN_PERSON` that is neither 1 nor 0. */
export function identityOfEnvironment(env: Env): EnvironmentIdentity | null {
  if (isSwitchedOn(env, personVariable)) {
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
 * person. In the main worktree a terminal means a person: agents are given none. @throws {SkeinError} SKN-2005.
 */
export function subjectOf({ env, repository, isTerminal, host }: IdentityFacts): GuardSubject {
  const named = identityOfEnvironment(env);
  return {
    handle: named?.handle ?? null,
    externalId: named?.externalId ?? null,
    gitDir: repository.gitDir,
    branch: repository.branch,
    host,
    isPerson: isSwitchedOn(env, personVariable) || (isTerminal && !repository.isWorktree),
  };
}

function filled(text: string | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}
