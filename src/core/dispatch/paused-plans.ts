import { minuteText } from "../base/iso.ts";
import { cleanLine } from "../base/text.ts";
import type { Event } from "../events/index.ts";
import type { Plan } from "../plans/index.ts";
import type { Reader } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";

/** A plan of which nothing is handed out until a person says so. */
export interface PausedPlan {
  readonly plan: string;
  /** Its tasks that would be pending. */
  readonly held: number;
  /** Who paused it, since when and why, as far as the log still tells. */
  readonly text: string;
  /** What lets it go on. */
  readonly next: string;
}

/** The paused plans that have tasks left, all or the one that is asked for. */
export async function pausedPlans(
  { plans, events }: Pick<DispatchDeps, "plans" | "events">,
  reader: Reader,
  plan: string | null,
): Promise<readonly PausedPlan[]> {
  const paused = (await plans.listPlans(reader)).filter(
    ({ id, status }) => status === "paused" && (plan === null || id === plan),
  );
  const pauses = await pausesOf(events, reader, paused);
  const found: PausedPlan[] = [];
  for (const each of paused) {
    const { waiting: held } = await plans.counts(reader, each.id);
    const next = `A person can run \`skein plan resume ${each.id}\`.`;
    found.push({
      plan: each.id,
      held,
      text: textOf(each, pauses.get(each.id) ?? null, reader.nowMs),
      next,
    });
  }
  return found.filter(({ held }) => held > 0);
}

/** What the log says of a plan's pause; null: it tells no more of it. */
type Pauses = ReadonlyMap<string, Event | null>;

/** So many pauses are remembered. */
const mostKnown = 100;

const known = new WeakMap<object, Map<string, Event | null>>();

/**
 * The pauses of some plans. A plan's version tells one of its pauses from the next, and its birth one plan from another that has its id since it was
 * archived, so that the log is walked through once for each pause, and not by everybody who gets nothing while it lasts: a claim holds the store meanwhile.
 */
async function pausesOf(
  events: Pick<DispatchDeps["events"], "newest">,
  reader: Reader,
  paused: readonly Plan[],
): Promise<Pauses> {
  const kept = known.get(events) ?? new Map<string, Event | null>();
  known.set(events, kept);
  if (!paused.every((plan) => kept.has(pauseKey(plan)))) {
    const pauses = await events.newest(reader, "plan.paused");
    const found = paused.map((plan) => {
      const pause = pauses.find(({ changes }) => changes.some(({ id }) => id === plan.id));
      return [pauseKey(plan), kept.get(pauseKey(plan)) ?? pause ?? null] as const;
    });
    if (kept.size >= mostKnown) {
      kept.clear();
    }
    for (const [key, pause] of found) {
      kept.set(key, pause);
    }
  }
  return new Map(paused.map((plan) => [plan.id, kept.get(pauseKey(plan)) ?? null]));
}

function pauseKey({ id, createdAtMs, version }: Plan): string {
  return `${id} ${String(createdAtMs)} ${String(version)}`;
}

function textOf({ id, pauseReason }: Plan, pause: Event | null, nowMs: number): string {
  const since = pause === null ? "" : ` since ${minuteText(pause.atMs, nowMs)}`;
  const by = pause === null ? "" : ` by ${pause.by?.name ?? pause.actor}`;
  const why = pauseReason === null ? "" : `: ${cleanLine(pauseReason, 100)}`;
  return `Plan ${id} is paused${since}${by}${why}.`;
}
