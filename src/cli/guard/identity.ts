import type { Repository } from "../../adapters/git/index.ts";
import type { Skein } from "../../core/index.ts";
import type { Session } from "../../core/sessions/index.ts";
import type { Actor } from "./guarded.ts";

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
  /** The name of the person at this machine. */
  readonly person: string;
  /** The host as processes are stamped with it. */
  readonly host: string;
}

/**
 * Tells who acts: whom the environment names, else who stamped this worktree with a live claim, else a person. In the main worktree a
 * terminal means a person: agents are given none.
 */
export async function findActor(
  skein: Pick<Skein, "dispatch" | "plans" | "sessions" | "store">,
  facts: IdentityFacts,
): Promise<Actor> {
  const named = identityOfEnvironment(facts.env);
  const session =
    named === null
      ? await stampedSession(skein, facts)
      : ((await namedSession(skein, named)) ?? (await joined(skein, named, facts)));
  return session === null ? { kind: "person", name: facts.person } : { kind: "agent", session };
}

/**
 * The living session that the environment names. A handle counts before the host's id; one that is no good counts only where there is
 * nothing else. @throws {SkeinError} SKN-33xx.
 */
async function namedSession(
  { sessions, store }: Pick<Skein, "sessions" | "store">,
  { handle, externalId }: EnvironmentIdentity,
): Promise<Session | null> {
  return store.read(async (reader) => {
    const found = externalId === null ? null : await sessions.byExternalId(reader, externalId);
    if (handle === null) {
      return found;
    }
    try {
      return await sessions.authenticate(reader, handle);
    } catch (error) {
      if (found === null) {
        throw error;
      }
      return found;
    }
  });
}

/** An agent that its host names and that has not joined is an agent all the same. */
async function joined(
  { dispatch }: Pick<Skein, "dispatch">,
  { externalId }: EnvironmentIdentity,
  { repository }: IdentityFacts,
): Promise<Session> {
  const { session } = await dispatch.identify({
    handle: null,
    externalId,
    parentExternalId: null,
    process: null,
    client: null,
    gitDir: repository.gitDir,
    branch: repository.branch,
    name: null,
    role: null,
    skills: null,
  });
  return session;
}

async function stampedSession(
  { plans, sessions, store }: Pick<Skein, "plans" | "sessions" | "store">,
  { env, repository, isTerminal, host }: IdentityFacts,
): Promise<Session | null> {
  const isPerson = filled(env["SKEIN_PERSON"]) !== null || (isTerminal && !repository.isWorktree);
  if (isPerson) {
    return null;
  }
  return store.read(async (reader) => {
    const claimed = await plans.listTasks(reader, { status: "claimed" });
    const ids = new Set(
      claimed
        .filter(({ gitDir }) => gitDir === repository.gitDir)
        .flatMap(({ session }) => session ?? []),
    );
    const [id] = ids;
    // Two claims in one worktree: the stamp tells nothing.
    const session = id === undefined || ids.size > 1 ? null : await sessions.get(reader, id);
    return session !== null && isOfThisHost(session, { store, host }) ? session : null;
  });
}

/** In a database sessions of other machines are, too, and the same path there is another worktree. */
function isOfThisHost(
  { process }: Session,
  { store, host }: Pick<Skein, "store"> & Pick<IdentityFacts, "host">,
): boolean {
  return store.dialect === "sqlite" || process?.host === host;
}

function filled(text: string | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}
