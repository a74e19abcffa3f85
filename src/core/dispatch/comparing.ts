import { createEffort } from "../leases/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Candidate, CandidateCursor } from "../plans/index.ts";
import type { Reader } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";
import { createLooking } from "./looking.ts";
import type { Begun } from "./looking.ts";
import { isGone } from "./places.ts";
import type { NextTaskOutcome, NextTaskRequest } from "./request.ts";
import { createScopes } from "./scope.ts";

/** Who asks for work, of one plan or of any. */
export interface ForWhom {
  readonly session: Session;
  readonly plan: string | null;
}

export interface Until {
  /** By the timer. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal | null;
}

/**
 * Compares ready tasks with what is held where a transaction that writes had to leave some: in short reads, which hold nobody's lock, and
 * between which others come. What is found, the next search knows.
 */
export interface Comparing {
  /** Goes on until a scope is found that no lease is in the way of, all were compared, or the time is up. One goes on for all who ask. */
  goOn(who: ForWhom, until: Until): Promise<void>;
}

/** So long one call goes on comparing before it tells what is left, in milliseconds. */
const longestMs = 2_000;

/** More tries than it takes where nothing changes meanwhile. */
const mostTries = 8;

/** Tries again as long as tasks were left uncompared and nothing was given. */
export async function untilCompared(
  { timer }: DispatchDeps,
  comparing: Comparing,
  { request: { plan, signal }, first, attempt }: Retrying,
): Promise<NextTaskOutcome> {
  const deadlineMs = timer.nowMs() + longestMs;
  let last = first;
  for (let tries = 0; tries < mostTries && isUncompared(last); tries += 1) {
    if (timer.nowMs() >= deadlineMs || isGone(signal)) {
      break;
    }
    const { session } = last.standing;
    await comparing.goOn({ session, plan }, { deadlineMs, signal });
    last = await attempt();
  }
  return last;
}

interface Retrying {
  readonly request: NextTaskRequest;
  readonly first: NextTaskOutcome;
  readonly attempt: () => Promise<NextTaskOutcome>;
}

/** True for an answer that gives nothing, and leaves tasks uncompared. */
export function isUncompared({ claim, inbox, waiting }: NextTaskOutcome): boolean {
  return claim === null && inbox.length === 0 && (waiting?.uncompared ?? 0) > 0;
}

/** Where it stands. */
interface Place {
  readonly after: CandidateCursor | null;
  readonly begun: Begun | null;
}

const tasksAtOnce = 256;

export function createComparing(deps: DispatchDeps): Comparing {
  let running: Promise<void> | null = null;

  const run = async (who: ForWhom, { deadlineMs, signal }: Until): Promise<void> => {
    let place: Place | null = { after: null, begun: null };
    while (place !== null && deps.timer.nowMs() < deadlineMs && !isGone(signal)) {
      const here: Place = place;
      place = await deps.store.read(async (reader) => compareSome(deps, reader, { ...who, here }));
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  };

  return {
    goOn: async (who, until) => {
      running ??= run(who, until).finally(() => {
        running = null;
      });
      await running;
    },
  };
}

/** Compares as much as one transaction may; null when there is nothing left to compare, or somebody may have what was found. */
async function compareSome(
  deps: DispatchDeps,
  reader: Reader,
  { session, plan, here }: ForWhom & { readonly here: Place },
): Promise<Place | null> {
  const without = (await deps.plans.full(reader)).map((full) => full.plan);
  const page = await deps.plans.candidates(reader, {
    plan,
    after: here.after,
    limit: tasksAtOnce,
    without: plan === null ? without : [],
  });
  const news = new Set(page.filter((task) => deps.compared.at(task)?.kind !== "clear"));
  const { looks, begun } = await createLooking(deps, reader, session).lookAt(page, {
    scopes: createScopes(deps.paths),
    effort: createEffort(),
    begun: here.begun,
  });
  const isFound = page.some((task, at) => looks[at] === "clear" && news.has(task));
  if (isFound) {
    return null;
  }
  if (looks.includes("uncompared")) {
    return { after: here.after, begun };
  }
  const last: Candidate | undefined = page.at(-1);
  return last === undefined || page.length < tasksAtOnce ? null : { after: last, begun: null };
}
