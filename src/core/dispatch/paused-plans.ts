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
  const pauses = paused.length === 0 ? [] : await events.newest(reader, "plan.paused");
  const found: PausedPlan[] = [];
  for (const each of paused) {
    const { waiting: held } = await plans.counts(reader, each.id);
    const pause = pauses.find(({ changes }) => changes.some(({ id }) => id === each.id));
    const next = `A person can run \`skein plan resume ${each.id}\`.`;
    found.push({ plan: each.id, held, text: textOf(each, pause, reader.nowMs), next });
  }
  return found.filter(({ held }) => held > 0);
}

function textOf({ id, pauseReason }: Plan, pause: Event | undefined, nowMs: number): string {
  const since = pause === undefined ? "" : ` since ${minuteText(pause.atMs, nowMs)}`;
  const by = pause === undefined ? "" : ` by ${pause.by?.name ?? pause.actor}`;
  const why = pauseReason === null ? "" : `: ${cleanLine(pauseReason, 100)}`;
  return `Plan ${id} is paused${since}${by}${why}.`;
}
