import { readFileSync } from "node:fs";
import { readProcessStat } from "./stat.ts";

/** A running process as the search for the host sees it. */
export interface SeenProcess {
  readonly parent: number;
  /** Its program and arguments. */
  readonly command: readonly string[];
}

/** At most so many launchers stand between a host and the server that it starts. */
const mostLaunchers = 6;

/**
 * The process that really started this one: launchers (a shell, npm, npx, Skein's own door on an older Node) live and die with what they
 * start, so they say nothing of the agent. Null where processes cannot be seen; the parent is then all that is known.
 */
export function findHost(
  pid: number,
  look: (pid: number) => SeenProcess | null = lookAtProcess,
): number | null {
  let current = pid;
  for (let steps = 0; steps < mostLaunchers; steps += 1) {
    const seen = look(current);
    if (seen === null) {
      return null;
    }
    if (!isLauncher(seen.command) || seen.parent <= 1) {
      return current;
    }
    current = seen.parent;
  }
  return current;
}

function isLauncher([program = "", ...rest]: readonly string[]): boolean {
  const name = nameOf(program);
  if (name === "sh" || name === "bash" || name === "dash") {
    return rest[0] === "-c";
  }
  // npm names its process after what it runs: "npm exec skein".
  return (
    /^(?:npx|npm)(?: |$)/u.test(name) ||
    (name.startsWith("node") &&
      /^(?:npx|npm|skein)(?:-cli)?(?:\.js)?$/u.test(nameOf(rest[0] ?? "")))
  );
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function lookAtProcess(pid: number): SeenProcess | null {
  const stat = readProcessStat(pid);
  if (stat === null) {
    return null;
  }
  try {
    const command = readFileSync(`/proc/${String(pid)}/cmdline`, "utf8").split("\0");
    return { parent: stat.parent, command };
  } catch {
    return null;
  }
}
