import { readFileSync } from "node:fs";

import { ownText, parseLooseObject } from "../core/base/loose-object.ts";

/** The version of this installation: its package.json lies two folders above the sources, the built files and the Action's bundle alike. */
export function readVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const parsed = parseLooseObject(text);
  return (parsed === null ? null : ownText(parsed, "version")) ?? "0.0.0";
}
