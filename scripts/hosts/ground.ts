import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../run.ts";
import { plan } from "./story.ts";

/** A repository with two worktrees, prepared by the real `skein init`. */
export interface Place {
  readonly home: string;
  /** The Skein that is used. */
  readonly installed: string;
  readonly main: string;
  readonly worktree: string;
  /** What programs find there: nothing of the person who runs this. */
  readonly env: Readonly<Record<string, string>>;
}

/** A command's end: its exit code and all that it printed. */
export interface Done {
  readonly code: number;
  readonly output: string;
}

/** Where everything of one run lies, below a folder made for it. */
export function placeIn(scratch: string): Place {
  const home = join(scratch, "home");
  return {
    home,
    installed: join(scratch, "skein"),
    main: join(scratch, "main"),
    worktree: join(scratch, "robin"),
    env: {
      PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
      HOME: home,
      XDG_CONFIG_HOME: join(home, "config"),
      XDG_DATA_HOME: join(home, "data"),
      XDG_CACHE_HOME: join(home, "cache"),
      XDG_STATE_HOME: join(home, "state"),
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "Robin",
      GIT_AUTHOR_EMAIL: "robin@example.com",
      GIT_COMMITTER_NAME: "Robin",
      GIT_COMMITTER_EMAIL: "robin@example.com",
      NO_COLOR: "1",
    },
  };
}

/** Makes the repository, has `skein init` set the host up in a linked worktree, imports the plan, and lets `grace` hold `src/b.ts`. */
export function prepare(place: Place, agent: string): void {
  const { home, main, worktree, installed } = place;
  mkdirSync(home, { recursive: true });
  // A copy: whoever builds Skein anew meanwhile does not disturb the run.
  for (const part of ["bin", "dist", "package.json"]) {
    cpSync(join(root, part), join(installed, part), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(installed, "node_modules"));
  const files = {
    "src/a.ts": "export const a = 1;\n",
    "src/b.ts": "export const b = 1;\n",
    "docs/a.md": "a is 1.\n",
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(main, path)), { recursive: true });
    writeFileSync(join(main, path), text);
  }
  must(git(place, main, "init", "--quiet", "--initial-branch=main"));
  must(git(place, main, "add", "."));
  must(git(place, main, "commit", "--quiet", "-m", "Begin"));
  must(git(place, main, "worktree", "add", "--quiet", "-b", "robin", worktree));
  must(skein(place, worktree, "init", "--agents", agent, "--yes"));
  const planFile = join(home, "plan.yml");
  writeFileSync(planFile, plan);
  must(skein(place, main, "plan", "import", planFile));
  const grace = { ...place, env: { ...place.env, SKEIN_EXTERNAL_ID: "grace" } };
  must(skein(grace, main, "lease", "take", "src/b.ts", "--reason", "rework b"));
}

/** Runs git. */
export function git({ env }: Place, cwd: string, ...args: readonly string[]): Done {
  return start("git", args, { cwd, env });
}

/** Runs the `skein` of this checkout. */
export function skein({ env, installed }: Place, cwd: string, ...args: readonly string[]): Done {
  return start(process.execPath, [join(installed, "bin", "skein.js"), ...args], { cwd, env });
}

/** Answers what was printed. @throws {Error} When the command failed. */
export function must({ code, output }: Done): string {
  if (code !== 0) {
    throw new Error(output);
  }
  return output;
}

function start(
  command: string,
  args: readonly string[],
  ground: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Done {
  const done = spawnSync(command, args, { ...ground, encoding: "utf8", timeout: 60_000 });
  return { code: done.status ?? 1, output: `${done.stdout}${done.stderr}` };
}
