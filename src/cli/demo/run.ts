import type { Report } from "./agent-job.ts";
import type { Scratch } from "./scratch.ts";
import type { TaskWork } from "./work.ts";

/** What both runs are given alike. */
export interface RunOptions {
  readonly scratch: Scratch;
  readonly agents: number;
  readonly kills: number;
  readonly seed: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Hears what the agents report. */
  progress(this: void, name: string, report: Report): void;
}

export function editsIn(work: readonly TaskWork[]): number {
  return work.reduce((sum, { edits }) => sum + edits.length, 0);
}
