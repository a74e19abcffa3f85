import { createHooks } from "../hooks.ts";
import type { Member, MemberOutcome, MemberWork, Savepoint } from "../member.ts";
import type { Early } from "./postgres-early.ts";
import type { Link } from "./postgres-link.ts";
import { openTransaction } from "./postgres-open.ts";
import type { Facts } from "./postgres-open.ts";

/** Writers that share a transaction. */
export interface Group {
  /** Those in it, in order; a group that is tried again keeps them. */
  readonly members: Member[];
  /** Who else may come in now, since the lock is held; null: nobody. */
  next(): Member | null;
  /** True while somebody waits who may come in. */
  hasNext(): boolean;
}

interface Opened extends Pick<Facts, "project"> {
  readonly nowMs: number;
  /** What the first member most probably asks first; null: nothing was asked. */
  readonly early: Early | null;
}

interface Place extends Opened {
  /** When the opening was answered: the lock is held at the latest since then. */
  readonly lockedAtMs: number;
}

/** How long a group lets others in, in milliseconds: other nodes want the lock, too. */
const openMs = 20;

/**
 * Runs the members one after the other in a transaction that is open and holds the project's lock, and commits it. Each has a savepoint of its own,
 * which costs no round trip; a writer that is alone needs none. Throws what the server throws, and then nothing of the group is there.
 */
export async function runGroup(link: Link, opened: Opened, group: Group): Promise<void> {
  const openedMs = performance.now();
  const place: Place = { ...opened, lockedAtMs: openedMs };
  const isShared = group.members.length > 1 || group.hasNext();
  const savepoint = isShared ? shared(link, place) : alone(link, place);
  let ran = 0;
  for (let next = memberAt(group, 0); next !== null; next = memberAt(group, ran)) {
    await next.run(savepoint.of);
    ran += 1;
    if (ran === group.members.length && (!isShared || performance.now() - openedMs > openMs)) {
      break;
    }
  }
  await savepoint.end();
}

/** A member that was there before, or one who comes in. */
function memberAt(group: Group, at: number): Member | null {
  const known = group.members[at];
  if (known !== undefined) {
    return known;
  }
  const come = group.next();
  if (come !== null) {
    group.members.push(come);
  }
  return come;
}

/** How members of one transaction are kept apart. */
interface Parting {
  readonly of: Savepoint;
  end(): Promise<void>;
}

function shared(link: Link, { project, nowMs, early, lockedAtMs }: Place): Parting {
  let isFirst = true;
  let hasThrown = false;
  const enter = (): void => {
    if (!hasThrown && !isFirst) {
      link.mark("RELEASE member");
    }
    link.mark("SAVEPOINT member");
    isFirst = false;
    hasThrown = false;
  };
  return {
    of: {
      inside: async (work) => {
        const own = isFirst ? early : null;
        enter();
        // Whoever comes in later lives later; the server's clock goes on as this process's does.
        const laterMs = Math.floor(performance.now() - lockedAtMs);
        const later = { project, nowMs: nowMs + laterMs, lockedAtMs, early: own };
        const outcome = await runIn(link, later, work);
        if (outcome.kind === "threw") {
          link.mark("ROLLBACK TO member", "RELEASE member");
          hasThrown = true;
        }
        return outcome;
      },
    },
    end: async () => link.commit(),
  };
}

function alone(link: Link, place: Place): Parting {
  let hasThrown = false;
  return {
    of: {
      inside: async (work) => {
        const outcome = await runIn(link, place, work);
        hasThrown = outcome.kind === "threw";
        return outcome;
      },
    },
    end: async () => (hasThrown ? link.plain("ROLLBACK") : link.commit()),
  };
}

/** Keeps a failure of the work itself; throws one of the server's, which ends the transaction of all. */
async function runIn<T>(link: Link, place: Place, work: MemberWork<T>): Promise<MemberOutcome<T>> {
  const hooks = createHooks();
  const open = openTransaction(link, { ...place, hooks });
  try {
    return { kind: "done", result: await work(open.tx, hooks), hooks };
  } catch (error) {
    if (link.faultOf(error) !== null) {
      throw error;
    }
    return { kind: "threw", error };
  } finally {
    open.end();
  }
}
