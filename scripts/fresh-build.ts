import { statSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, root, run } from "./run.ts";

/** Builds again if a source is newer than `dist/`, since tests that start `bin/skein.js` would run yesterday's code. */
export function setup(): void {
  if (newestSource() > Math.min(changedAt("dist/.built"), changedAt("dist/.built-action"))) {
    run(process.execPath, [join(root, "scripts/build.ts")]);
  }
}

function newestSource(): number {
  return Math.max(...filesBelow(join(root, "src")).map((path) => changedAt(`src/${path}`)));
}

function changedAt(path: string): number {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
