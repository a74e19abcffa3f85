import { existsSync } from "node:fs";

/** Paths of Node and of Skein in a configuration file or a script, as `init` writes them. */
const programs =
  /(?<=["'\s=]|^)(?:\/|[A-Za-z]:[\\/])[^"'\n]*?(?:[\\/]skein\.js|[\\/]node(?:\.exe)?)(?=["'\s]|$)/gmu;

/** The absolute programs of Skein that a text names, each once. */
export function namedPrograms(text: string): readonly string[] {
  const words = [...text.matchAll(programs)].flatMap(([found]) => found.split(/(?<=\S) (?=\/)/u));
  return [...new Set(words)];
}

/** Those of them that are not there. */
export function missingPrograms(text: string): readonly string[] {
  return namedPrograms(text).filter((path) => !existsSync(path));
}
