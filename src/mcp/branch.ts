import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The branch that a worktree has checked out now, or null; read with every call, since agents switch branches. */
export function branchAt(gitDir: string): string | null {
  try {
    const head = readFileSync(join(gitDir, "HEAD"), "utf8").trim();
    const branch = /^ref: refs\/heads\/(.+)$/u.exec(head)?.[1] ?? null;
    return branch === ".invalid" ? null : branch;
  } catch {
    return null;
  }
}
