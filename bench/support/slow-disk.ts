import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Whether a slow disk can be pretended here: it takes Linux and a compiler of C. */
export function canSlowDisk(): boolean {
  if (process.platform !== "linux") {
    return false;
  }
  try {
    execFileSync("gcc", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** What an environment needs so that every flush takes that much longer, by a small library that is loaded first. */
export function slowDisk(folder: string, fsyncMs: number): Readonly<Record<string, string>> {
  const library = join(folder, "slow-fsync.so");
  const source = join(import.meta.dirname, "..", "store", "slow-fsync.c");
  execFileSync("gcc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]);
  return { LD_PRELOAD: library, SLOW_FSYNC_US: String(fsyncMs * 1_000) };
}
