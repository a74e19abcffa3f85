import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run.ts";

/** The first Node of the line that runs the Action. */
export const firstVersion = "24.0.0";

/** Where it is put. */
export const firstFolder: string = join(
  root,
  "node_modules",
  ".cache",
  "skein",
  `node-${firstVersion}`,
);

export const firstBinary: string = join(firstFolder, "node_modules", "node", "bin", "node");

/** Node 24.0.0 with its name, where `npm run action:nodes` has fetched it; else none. */
export function node240(): readonly (readonly [name: string, path: string])[] {
  return existsSync(firstBinary) ? [[`Node ${firstVersion}`, firstBinary]] : [];
}
