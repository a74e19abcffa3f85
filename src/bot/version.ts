import { readFileSync } from "node:fs";

import { ownText, parseLooseObject } from "../core/base/loose-object.ts";

/** The version that the Action's bundle was made of: its folder has no package.json to ask. Nowhere else is it defined. */
declare const SKEIN_BUNDLED_VERSION: string | undefined;

/** The version of this installation: the bundle's own, else that of the package.json two folders above the sources and the built files. */
export function readVersion(): string {
  if (typeof SKEIN_BUNDLED_VERSION === "string") {
    return SKEIN_BUNDLED_VERSION;
  }
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const parsed = parseLooseObject(text);
  return (parsed === null ? null : ownText(parsed, "version")) ?? "0.0.0";
}
