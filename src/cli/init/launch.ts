import { existsSync } from "node:fs";
import { join } from "node:path";
import { shellWord } from "../shell-word.ts";

/** How a host starts Skein. */
export type Launch =
  /** This machine's Node and this installation: quick, works in every worktree, and is of no use on another machine. */
  | { readonly kind: "absolute"; readonly node: string; readonly bin: string }
  /** The repository's own dependency. */
  | { readonly kind: "project" }
  /** Fetched by npx: for a file that is committed, where Skein is no dependency. */
  | { readonly kind: "npx" };

export interface LaunchFacts {
  /** The top of the worktree. */
  readonly root: string;
  /** The Node that runs now, absolute. */
  readonly node: string;
  /** `bin/skein.js` of the installation that runs now, absolute. */
  readonly bin: string;
  /** The person wants files that work on every machine. */
  readonly isPortable: boolean;
}

/** The program of a repository that depends on Skein, from its root. */
export const projectBin = "node_modules/skein/bin/skein.js";

/** Chooses how hosts start Skein. An installation in npx's cache may vanish, so it is never named by its path. */
export function decideLaunch({ root, node, bin, isPortable }: LaunchFacts): Launch {
  if (isPortable) {
    return existsSync(join(root, projectBin)) ? { kind: "project" } : { kind: "npx" };
  }
  return /[\\/]_npx[\\/]/u.test(bin) ? { kind: "npx" } : { kind: "absolute", node, bin };
}

/** A program with its arguments, as configuration files name it. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** The command with the words behind it. */
export function commandOf(launch: Launch, words: readonly string[]): Command {
  switch (launch.kind) {
    case "absolute":
      return { command: launch.node, args: [launch.bin, ...words] };
    case "project":
      return { command: "node", args: [projectBin, ...words] };
    case "npx":
      // A configuration that is committed must not make its readers' machines fetch whatever bears that name.
      return { command: "npx", args: ["--no", "skein", ...words] };
    default:
      return launch satisfies never;
  }
}

/**
 * The command as one line for a shell. `rootVariable` is the variable in which the host gives the repository's root, or null: then
 * git is asked.
 */
export function commandLine(
  launch: Launch,
  words: readonly string[],
  rootVariable: string | null,
): string {
  if (launch.kind === "project") {
    return `node ${projectPath(rootVariable)} ${words.join(" ")}`;
  }
  const { command, args } = commandOf(launch, words);
  return [command, ...args].map(shellWord).join(" ");
}

/** Skein's own file as a word of a shell, or null where npx finds it; `rootVariable` as in `commandLine`. */
export function programPath(launch: Launch, rootVariable: string | null): string | null {
  switch (launch.kind) {
    case "absolute":
      return shellWord(launch.bin);
    case "project":
      return projectPath(rootVariable);
    case "npx":
      return null;
    default:
      return launch satisfies never;
  }
}

function projectPath(rootVariable: string | null): string {
  const root = rootVariable === null ? "$(git rev-parse --show-toplevel)" : `$${rootVariable}`;
  return `"${root}/${projectBin}"`;
}
