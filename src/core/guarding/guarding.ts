import { sessionActor } from "../base/ids.ts";
import type { Task, TaskAttempt } from "../plans/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Reader } from "../store/index.ts";
import { findActor } from "./actor.ts";
import type {
  ClaimOfSession,
  GuardedSession,
  Guarding,
  GuardingDeps,
  GuardSubject,
  JudgedClaim,
  NeededCommit,
} from "./asking.ts";
import { leasePaths, sortPaths } from "./paths.ts";

/** Answers for one subject; who that is, is found once. */
export function createGuarding(deps: GuardingDeps, subject: GuardSubject): Guarding {
  const { store, plans } = deps;
  let found: Promise<Session | null> | null = null;
  const session = async (): Promise<Session | null> => (found ??= findActor(deps, subject));
  return {
    who: async () => {
      const acting = await session();
      return acting === null ? null : sessionView(acting);
    },
    check: async (paths) => sortPaths(deps, await session(), paths),
    needed: async () => {
      const acting = await session();
      return acting === null ? [] : store.read(async (reader) => neededBy(deps, reader, acting));
    },
    lease: async (paths) => {
      const acting = await session();
      return acting === null ? [] : leasePaths(deps, acting, { paths, subject });
    },
    claims: async () => {
      const acting = await session();
      const tasks =
        acting === null ? [] : await store.read((reader) => plans.tasksHeldBy(reader, acting.id));
      return tasks.flatMap(({ plan, id, fence }) =>
        fence === null ? [] : [{ task: `${plan}/${id}`, fence }],
      );
    },
    judge: async (marks) => {
      const acting = await session();
      return store.read(async (reader) =>
        Promise.all(marks.map(async (mark) => judgeMark(deps, reader, { mark, acting }))),
      );
    },
    override: async (person, { code, what }) => {
      // Over a server anybody asks that may ask for an agent: what an agent went on against is no person's act.
      const acting = await session();
      await store.write((tx) =>
        deps.events.append(tx, {
          kind: "guard.overridden",
          actor: acting === null ? `person:${person}` : sessionActor(acting.id),
          cause: null,
          data: { code, what },
          changes: [],
        }),
      );
    },
  };
}

function sessionView({ id, tier, joinedAtMs }: Session): GuardedSession {
  return { id, tier, joinedAtMs };
}

/** The results of the dependencies of the session's tasks, and what landed on their paths. */
async function neededBy(
  { plans, leases }: GuardingDeps,
  reader: Reader,
  session: Session,
): Promise<readonly NeededCommit[]> {
  const needed = new Map<string, string>();
  for (const task of await plans.tasksHeldBy(reader, session.id)) {
    for (const id of task.dependsOn) {
      const before = await plans.find(reader, { plan: task.plan, id });
      const commit = before?.integratedCommit ?? before?.commit ?? null;
      if (commit !== null) {
        needed.set(commit, `${task.plan}/${id}`);
      }
    }
  }
  const held = await leases.list(reader, { session: session.id });
  const patterns = held
    .filter(({ origin }) => origin === "claim")
    .flatMap((lease) => lease.patterns);
  for (const landed of await leases.landedCommits(reader, patterns)) {
    needed.set(landed.commit, `${landed.plan}/${landed.task}`);
  }
  return [...needed].map(([commit, task]) => ({ commit, task }));
}

interface Judging {
  readonly mark: ClaimOfSession;
  /** Null for a person. */
  readonly acting: Session | null;
}

async function judgeMark(
  { plans }: GuardingDeps,
  reader: Reader,
  { mark, acting }: Judging,
): Promise<JudgedClaim> {
  const [plan = "", id = ""] = mark.task.split("/");
  const task = await plans.find(reader, { plan, id });
  if (task === null) {
    return { standing: "unknown" };
  }
  if (task.status === "claimed" && task.fence === mark.fence) {
    return { standing: isOf(task, acting) ? "good" : "unknown" };
  }
  const attempts = await plans.attemptsOf(reader, { plan, id });
  const attempt = attempts.find(({ fence, outcome }) => isSubmitted({ fence, outcome }, mark));
  return attempt === undefined
    ? { standing: "over" }
    : {
        standing: "submitted",
        commits: [attempt.commit, task.integratedCommit].flatMap((commit) => commit ?? []),
      };
}

function isOf({ session }: Task, acting: Session | null): boolean {
  return acting === null || session === acting.id;
}

function isSubmitted(
  { fence, outcome }: Pick<TaskAttempt, "fence" | "outcome">,
  mark: ClaimOfSession,
): boolean {
  return fence === mark.fence && outcome === "submitted";
}
