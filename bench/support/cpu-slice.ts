import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

/** Where Linux keeps the groups of processes whose processor's time it bounds (control groups, version 1). */
const root = "/sys/fs/cgroup/cpu";

/** How often the bound is counted anew: the usual tenth of a second. With a hundredth, whoever is alone comes back to cold caches a hundred times a second. */
const periodUs = 100_000;

/** Processes that together get so much of the machine's time, as if they were a machine of their own. */
export interface CpuSlice {
  take(pids: readonly number[]): void;
  /** Waits until everyone in it has ended. */
  remove(): Promise<void>;
}

/** Whether slices can be made here: it takes Linux with control groups of version 1 that we may write. */
export async function canSlice(): Promise<boolean> {
  try {
    await createSlice(`skein-bench-try-${String(process.pid)}`, 0.5).remove();
    return true;
  } catch {
    return false;
  }
}

/** Makes a slice of so many cores, 0.5 for instance. */
export function createSlice(name: string, cores: number): CpuSlice {
  const folder = join(root, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "cpu.cfs_period_us"), String(periodUs));
  writeFileSync(join(folder, "cpu.cfs_quota_us"), String(Math.round(periodUs * cores)));
  return {
    take: (pids) => {
      moveTo(folder, pids);
    },
    remove: async () => removeLeft(folder),
  };
}

/** One at a time, as the file wants it. */
function moveTo(folder: string, pids: readonly number[]): void {
  for (const pid of pids) {
    writeFileSync(join(folder, "cgroup.procs"), String(pid));
  }
}

/** Whoever ends is counted for a moment longer. */
async function removeLeft(folder: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      if (tries === 100) {
        throw error;
      }
      await setTimeout(50);
    }
  }
}
