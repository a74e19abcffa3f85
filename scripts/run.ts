import { spawnSync } from "node:child_process";
import type { SpawnSyncOptions } from "node:child_process";
import { readdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root, absolute. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where a command runs and what it is given. */
export interface RunOptions {
  /** Default the repository's root. */
  readonly cwd?: string | undefined;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** Runs a program with the terminal of this process and answers its exit code; 1 when a signal ended it. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): number {
  const { status, error } = spawnSync(command, args, { ...ground(options), stdio: "inherit" });
  if (error !== undefined) {
    console.error(`${command}: ${error.message}`);
  }
  return status ?? 1;
}

/**
 * Runs a program and answers what it printed.
 *
 * @throws {Error} With the whole output, when it fails.
 */
export function runQuietly(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): string {
  const done = spawnSync(command, args, { ...ground(options), encoding: "utf8" });
  if (done.status !== 0) {
    const what = [done.stdout, done.stderr, done.error?.message].filter(Boolean).join("");
    throw new Error(`${command} ${args.join(" ")} ended with ${done.status}:\n${what}`);
  }
  return done.stdout;
}

/** The Node that this script runs on comes first on the path, then the installed tools. */
function ground({ cwd = root, env }: RunOptions): SpawnSyncOptions {
  const path = [dirname(process.execPath), join(root, "node_modules", ".bin"), process.env["PATH"]];
  return {
    cwd,
    env: { ...process.env, PATH: path.join(delimiter), ...env },
    shell: process.platform === "win32",
  };
}

/** Every file below a folder, relative to it, `/`-separated and sorted; none where the folder is missing. */
export function filesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .map((path) => path.replaceAll("\\", "/"))
      .toSorted();
  } catch {
    return [];
  }
}
