import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { uptime } from "node:os";
import type { Clock, Random } from "../../core/base/clock.ts";
import type { TimeSource } from "../../core/store/index.ts";

/** The clocks of this host. On Linux, macOS and Windows `hrtime` is one clock for all processes of a boot. */
export function createTimeSource(): TimeSource {
  return {
    wallMs: () => Date.now(),
    monotonicMs: () => {
      const [seconds, nanoseconds] = process.hrtime();
      return seconds * 1_000 + Math.floor(nanoseconds / 1_000_000);
    },
    bootId: readBootId(),
  };
}

/** The wall clock of this host, for what is shown and never for what expires. */
export const wallClock: Clock = { nowMs: () => Date.now() };

/** Bytes from the operating system. */
export const systemRandom: Random = { bytes: (count) => randomBytes(count) };

/**
 * Names this boot. Where the system gives no name it is the time of the boot, rounded to ten minutes, so that a small correction of
 * the wall clock is not taken for a reboot.
 */
export function readBootId(): string {
  try {
    if (process.platform === "linux") {
      return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    }
    if (process.platform === "darwin") {
      return execFileSync("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"], {
        encoding: "utf8",
        timeout: 1_000,
      }).trim();
    }
  } catch {
    // A sandbox may hide it; the time of the boot does as well.
  }
  const tenMinutes = 600_000;
  return `up-${String(Math.round((Date.now() - uptime() * 1_000) / tenMinutes))}`;
}
