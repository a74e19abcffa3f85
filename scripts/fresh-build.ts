import { statSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, root, run } from "./run.ts";

/** Builds again if a source is newer than `dist/`, since tests that start `bin/skein.js` would run yesterday's code; only the Action after an install, which builds all else. */
export function setup(): void {
  const newest = newestSource();
  const build = join(root, "scripts/build.ts");
  if (newest > changedAt("dist/.built")) {
    run(process.execPath, [build]);
  } else if (newest > changedAt("dist/.built-action")) {
    run(process.execPath, [build, "--only-action"]);
  }
}

function newestSource(): number {
  return Math.max(...filesBelow(join(root, "src")).map((path) => changedAt(`src/${path}`)));
}

function changedAt(path: string): number {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
