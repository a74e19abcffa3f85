import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import type { ProcessProbe, ProcessStamp } from "../../core/sessions/index.ts";
import { readBootId } from "./clock.ts";
import { hasEnded, readProcessStat } from "./stat.ts";

export interface ProbeOptions {
  /** Where the system shows its processes as files; null where it does not. Default `/proc` on Linux. */
  readonly procRoot?: string | null | undefined;
}

/**
 * Looks at the processes of this host without starting any.
 *
 * On Linux a process is told from a later one of the same number by its start time; a zombie counts as gone. Elsewhere only a number
 * that nobody has is sure: a number in use may belong to another process, so the answer is null.
 */
export function createProcessProbe({ procRoot = defaultRoot() }: ProbeOptions = {}): ProcessProbe {
  const here = readHere(procRoot);
  const stampOf = (pid: number): ProcessStamp | null => {
    const startedAt = procRoot === null ? startOfAny(pid) : startOf(procRoot, pid);
    return startedAt === null ? null : { ...here, pid, startedAt };
  };
  let own: ProcessStamp | null = null;

  return {
    self: () => {
      own ??= stampOf(process.pid) ?? { ...here, pid: process.pid, startedAt: "" };
      return own;
    },
    stampOf,
    isAlive: (stamp) => {
      if (stamp.host !== here.host || stamp.namespace !== here.namespace) {
        return null;
      }
      if (stamp.bootId !== here.bootId) {
        return false;
      }
      const now = stampOf(stamp.pid);
      if (now === null) {
        return false;
      }
      return now.startedAt === "" || stamp.startedAt === ""
        ? null
        : now.startedAt === stamp.startedAt;
    },
  };
}

function defaultRoot(): string | null {
  return process.platform === "linux" ? "/proc" : null;
}

function readHere(procRoot: string | null): Pick<ProcessStamp, "host" | "bootId" | "namespace"> {
  return {
    host: hostId(),
    bootId: readBootId(),
    namespace: procRoot === null ? "" : namespaceOf(procRoot),
  };
}

/**
 * Looks at processes where other machines put their stamps beside those of this one. Null on a host that no mark of its installation tells
 * from others of its name: another machine called `localhost` has another boot, and its processes would all seem dead.
 */
export function createSharedProcessProbe(machineFile = machineIdFile): ProcessProbe | null {
  return machineId(machineFile) === "" ? null : createProcessProbe();
}

const machineIdFile = "/etc/machine-id";

function machineId(file: string): string {
  return readOrNull(file)?.trim() ?? "";
}

/** The host's name with a mark of its installation, so that two machines called `localhost` are not taken for one. */
export function hostId(): string {
  const machine = machineId(machineIdFile);
  const mark = createHash("sha256").update(machine).digest("hex").slice(0, 8);
  return machine === "" ? hostname() : `${hostname()}-${mark}`;
}

function namespaceOf(procRoot: string): string {
  try {
    return readlinkSync(join(procRoot, "self", "ns", "pid"));
  } catch {
    return "";
  }
}

/** The start time of a process in ticks since the boot; null when there is none or it is a zombie. */
function startOf(procRoot: string, pid: number): string | null {
  const stat = readProcessStat(pid, procRoot);
  return stat === null || hasEnded(stat) ? null : stat.startedAt;
}

/** An empty start time for a process that may be there, null for one that surely is not. */
function startOfAny(pid: number): string | null {
  try {
    process.kill(pid, 0);
    return "";
  } catch (error) {
    const isGone = error instanceof Error && "code" in error && error.code === "ESRCH";
    return isGone ? null : "";
  }
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
