import { readFileSync } from "node:fs";

/** The time of all cores of this machine so far, in the system's ticks. */
export interface MachineTime {
  readonly busy: number;
  readonly all: number;
}

/** Reads it where the system tells it (Linux); null elsewhere. */
export function machineTime(): MachineTime | null {
  try {
    const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n", 1);
    const ticks = line.trim().split(/\s+/u).slice(1, 9).map(Number);
    const all = ticks.reduce((sum, each) => sum + each, 0);
    // The fourth is idleness, the fifth idleness while the disk is waited for.
    const [, , , idle = 0, waiting = 0] = ticks;
    return { busy: all - idle - waiting, all };
  } catch {
    return null;
  }
}

/** The share of all cores' time in which they worked, whoever for; null where it cannot be told. */
export function busyShare(before: MachineTime | null, after: MachineTime | null): number | null {
  if (before === null || after === null || after.all <= before.all) {
    return null;
  }
  return (after.busy - before.busy) / (after.all - before.all);
}
