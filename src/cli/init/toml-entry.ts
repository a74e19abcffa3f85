import { lineStarts } from "./toml-lines.ts";

/** A part of a key: bare, or in quotes. None of what is built of it reads a character more than a few times: anybody may have written the file. */
const part = String.raw`(?:[\w-]+|"[^"]*"|'[^']*')`;
const parts = new RegExp(part, "gu");
const key = String.raw`${part}(?:\s*\.\s*${part})*`;

/** A table's head, `[mcp_servers.skein]`, or that of one more table of a list: `[[servers]]`. */
const head = new RegExp(String.raw`^\s*\[(\[?)\s*(${key})\s*\]\]?\s*(?:#.*)?$`, "u");
const assignment = new RegExp(String.raw`^\s*(${key})\s*=`, "u");

/**
 * The line, from 1, on which a text of TOML sets the table `parent.name`, or makes `parent` a value that takes no further table; null where
 * it does neither. A second table of that name would make the whole text invalid.
 */
export function lineOfEntry(text: string, parent: string, name: string): number | null {
  const found = namesIn(text).find(
    ({ path, isTable }) =>
      path[0] === parent && (path[1] === name || (path.length === 1 && !isTable)),
  );
  return found?.line ?? null;
}

/** A name that a line sets. */
export interface TomlName {
  /** The whole key, part by part: its table's and its own. */
  readonly path: readonly string[];
  readonly isTable: boolean;
  readonly line: number;
}

/** True for a line that begins a table, or tries to. */
export function isHead(line: string): boolean {
  return /^\s*\[/u.test(line);
}

/** What each line names, but for those within a value of several lines. */
export function namesIn(text: string): readonly TomlName[] {
  let table: readonly string[] = [];
  const starts = lineStarts(text);
  return text.split("\n").flatMap((said, index): readonly TomlName[] => {
    const start = starts[index];
    if (start === undefined || start.isInText || start.depth > 0) {
      return [];
    }
    const line = index + 1;
    const [, list = "", named] = head.exec(said) ?? [];
    if (named !== undefined) {
      table = partsOf(named);
      return [{ path: table, isTable: list === "", line }];
    }
    const own = assignment.exec(said)?.[1];
    return own === undefined ? [] : [{ path: [...table, ...partsOf(own)], isTable: false, line }];
  });
}

/** The parts of a key without their quotes. */
function partsOf(text: string): readonly string[] {
  return [...text.matchAll(parts)].map(([each]) => each.replace(/^(["'])(.*)\1$/u, "$2"));
}
