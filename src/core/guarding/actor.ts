import { nobody } from "../dispatch/index.ts";
import type { Session } from "../sessions/index.ts";
import type { GuardingDeps, GuardSubject } from "./asking.ts";

/** Whom the subject names, else who stamped the worktree with a live claim, else a person. */
export async function findActor(
  deps: GuardingDeps,
  subject: GuardSubject,
): Promise<Session | null> {
  const { handle, externalId } = subject;
  if (handle === null && externalId === null) {
    return subject.isPerson ? null : stampedSession(deps, subject);
  }
  return (await namedSession(deps, subject)) ?? (await joined(deps, subject));
}

/**
 * The living session that the subject names. A handle counts before the host's id; one that is no good counts only where there is nothing
 * else. @throws {SkeinError} SKN-33xx.
 */
async function namedSession(
  { dispatch }: GuardingDeps,
  { handle, externalId, principal }: GuardSubject,
): Promise<Session | null> {
  const found =
    externalId === null ? null : await dispatch.find({ ...nobody, externalId, principal });
  if (handle === null) {
    return found;
  }
  try {
    return await dispatch.find({ ...nobody, handle, principal });
  } catch (error) {
    if (found === null) {
      throw error;
    }
    return found;
  }
}

/** An agent that its host names and that has not joined is an agent all the same. */
async function joined(
  { dispatch }: GuardingDeps,
  { externalId, gitDir, branch, principal }: GuardSubject,
): Promise<Session> {
  const { session } = await dispatch.identify({
    ...nobody,
    externalId,
    gitDir,
    branch,
    principal,
  });
  return session;
}

async function stampedSession(
  { plans, sessions, store }: GuardingDeps,
  { gitDir, host, principal }: GuardSubject,
): Promise<Session | null> {
  return store.read(async (reader) => {
    const claimed = await plans.listTasks(reader, { status: "claimed" });
    const ids = new Set(
      claimed
        .filter((task) => gitDir !== null && task.gitDir === gitDir)
        .flatMap(({ session }) => session ?? []),
    );
    const [id] = ids;
    // Two claims in one worktree: the stamp tells nothing.
    const session = id === undefined || ids.size > 1 ? null : await sessions.get(reader, id);
    const isHere = host === null || store.dialect === "sqlite" || session?.process?.host === host;
    return isHere && session !== null && isOwn(session, principal) ? session : null;
  });
}

/** Anybody can say the name of a worktree: over a server it makes nobody an agent of somebody else. */
function isOwn(session: Session, principal: GuardSubject["principal"]): boolean {
  const isNear = principal === undefined || principal === null || principal.kind === "loopback";
  return isNear || session.principal === principal.id;
}
