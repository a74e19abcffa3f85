import type { MicroUsd } from "../base/ids.ts";
import { isLooseObject, ownText } from "../base/loose-object.ts";
import { sumOf } from "./money.ts";
import { ownNumber } from "./reading.ts";
import type { PlanState } from "./state.ts";

/** A planning that was begun and never settled: nobody knows its end, and it counts as all that it might spend. */
export interface OpenRun {
  readonly id: string;
  readonly microUsd: MicroUsd;
}

/** So many are kept one by one. */
const mostRuns = 5;

/** As many as are ever kept one by one: a comment must hold them. */
export const fullRuns: readonly OpenRun[] = Array.from({ length: mostRuns }, (_none, at) => ({
  id: `${String(at)}Zq7Xw2Kj9Lm4Np6Rs8Tv1Yb3`,
  microUsd: 1_234_567 + at * 104_729,
}));

/** Sets a run's money aside before it costs anything. Older runs of unknown end are added up: money is never forgotten. */
export function withRun(state: PlanState, run: OpenRun): PlanState {
  const runs = [...state.openRuns.filter(({ id }) => id !== run.id), run];
  const over = runs.slice(0, Math.max(0, runs.length - mostRuns));
  const plannedMicroUsd = state.plannedMicroUsd + sumOf(over);
  return { ...state, plannedMicroUsd, openRuns: runs.slice(over.length) };
}

/** A state without what is set aside for one run; null: for none. */
export function besides(state: PlanState, run: string | null): PlanState {
  return { ...state, openRuns: state.openRuns.filter(({ id }) => id !== run) };
}

export function readRun(value: unknown): OpenRun | null {
  const id = isLooseObject(value) ? ownText(value, "id") : null;
  const microUsd = isLooseObject(value) ? ownNumber(value, "microUsd") : null;
  return id === null || microUsd === null ? null : { id: id.slice(0, 64), microUsd };
}
