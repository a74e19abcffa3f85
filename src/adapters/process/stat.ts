import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What Linux tells of a running process. */
export interface ProcessStat {
  /** As `R`, `S`, `T` (stopped by a signal) or `Z` (ended, and not yet taken note of). */
  readonly state: string;
  readonly parent: number;
  /** When it began, as the system counts: with its number it names one process of this boot. */
  readonly startedAt: string;
}

/** Null where there is no such process, or the system does not show it. */
export function readProcessStat(pid: number, procRoot = "/proc"): ProcessStat | null {
  let stat;
  try {
    stat = readFileSync(join(procRoot, String(pid), "stat"), "utf8");
  } catch {
    return null;
  }
  // The second field is the command in brackets and may itself hold spaces and brackets; the third is the state, the 22nd the start.
  const [state = "", parent = "0", ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state, parent: Number(parent), startedAt: rest[17] ?? "" };
}

/** True for one that only its number is left of. */
export function hasEnded({ state }: ProcessStat): boolean {
  return state === "Z" || state === "X";
}
