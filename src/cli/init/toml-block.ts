import { isHead, namesIn } from "./toml-entry.ts";
import { commentsIn, lineStarts } from "./toml-lines.ts";
import type { LineStart } from "./toml-lines.ts";

/** What Codex knows of a server. */
export const serverKeys: ReadonlySet<string> = new Set([
  "args",
  "bearer_token_env_var",
  "command",
  "cwd",
  "default_tools_approval_mode",
  "disabled_tools",
  "enabled",
  "enabled_tools",
  "env",
  "env_http_headers",
  "env_vars",
  "http_headers",
  "required",
  "scopes",
  "startup_timeout_ms",
  "startup_timeout_sec",
  "supports_parallel_tool_calls",
  "tool_timeout_sec",
  "tools",
  "url",
]);

/** What others put between Skein's marks, parted. Each text is of whole lines. */
export interface Strangers {
  /** What stands before Skein's own table. */
  readonly above: string;
  /** Further settings of the server `skein`, those of its own table first, with the comments among them. */
  readonly server: string;
  /** The comments among Skein's own lines and those settings. */
  readonly comments: string;
  /** What stands behind Skein's own table. */
  readonly below: string;
  /** The first line of all that, from 1 in the block; null where there is nothing. */
  readonly line: number | null;
  /** The first line of a further setting in the server's own table; null where there is none. */
  readonly settingLine: number | null;
  /** True where a bracket is open at the end. */
  readonly isOpen: boolean;
}

/**
 * Parts what stands between Skein's marks in a text of TOML: what is not Skein's.
 *
 * @param own the keys that Skein sets in its table.
 */
export function strangersIn(inside: string, own: ReadonlySet<string>): Strangers {
  const rows = rowsIn(inside).map((row) => ({ row, role: roleOf(row, own) }));
  const first = rows.findIndex(({ role }) => role !== "others");
  const textOf = (role: Role, from = 0, to = rows.length): string =>
    rows
      .slice(from, to)
      .map((each) => (each.role === role ? whole(each.row) : ""))
      .join("");
  const border = first === -1 ? rows.length : first;
  const keys = rows.map(({ row, role }) =>
    role === "own" ? notesIn(row) : role === "setting" ? row.text : "",
  );
  const comments = rows.map(({ row, role }) =>
    role === "own" ? notesIn(row) : role === "table" ? withoutEmpty(row.lead) : "",
  );
  const lineOf = (isMeant: (row: Row, role: Role) => boolean): number | null =>
    rows.find(({ row, role }) => isMeant(row, role))?.row.line ?? null;
  return {
    above: unlessEmpty(textOf("others", 0, border)),
    server: keys.join("") + textOf("table"),
    comments: comments.join(""),
    below: unlessEmpty(textOf("others", border)),
    line: lineOf((row, role) => (role === "own" ? notesIn(row) !== "" : whole(row).trim() !== "")),
    settingLine: lineOf((_row, role) => role === "setting"),
    isOpen: isOpenAtEnd(inside),
  };
}

function whole({ lead, text }: Row): string {
  return lead + text;
}

function unlessEmpty(text: string): string {
  return text.trim() === "" ? "" : text;
}

type Role =
  /** Skein's, or an empty line or a comment among its lines. */
  | "own"
  /** A further setting in Skein's table. */
  | "setting"
  /** Part of a table within Skein's. */
  | "table"
  | "others";

function roleOf(row: Row, own: ReadonlySet<string>): Role {
  const [parent, name, ...inner] = row.table ?? [];
  if (parent !== "mcp_servers" || name !== "skein") {
    return "others";
  }
  if (inner.length > 0) {
    return "table";
  }
  return row.isHead || row.isGap || setsOne(row, own) ? "own" : "setting";
}

function setsOne({ path }: Row, keys: ReadonlySet<string>): boolean {
  return path !== null && path.length > 2 && keys.has(path[2] ?? "");
}

/** A table's head, a key with its value, or what stands between two of them. */
interface Row {
  /** Empty lines and comments before a head. */
  readonly lead: string;
  readonly text: string;
  /** From 1. */
  readonly line: number;
  /** The table to which it belongs, a head to its own; null before the first head. */
  readonly table: readonly string[] | null;
  readonly path: readonly string[] | null;
  readonly isHead: boolean;
  readonly isGap: boolean;
}

interface Statement {
  readonly text: string;
  readonly line: number;
  /** Empty lines and comments, all that stand together. */
  readonly isGap: boolean;
}

function rowsIn(inside: string): readonly Row[] {
  const names = new Map(namesIn(inside).map(({ path, line }) => [line, path]));
  const rows: Row[] = [];
  let table: readonly string[] | null = null;
  for (const { text, line, isGap } of statementsIn(inside)) {
    const path = names.get(line) ?? null;
    const isTableHead = isHead(text);
    const lead = isTableHead ? gapOff(rows) : "";
    // A head that cannot be read is the head of somebody else.
    table = isTableHead ? (path ?? []) : table;
    rows.push({ lead, text, line, table, path, isHead: isTableHead, isGap });
  }
  return rows;
}

/** Takes the gap off the end; empty where there is none. */
function gapOff(rows: Row[]): string {
  return rows.at(-1)?.isGap === true ? (rows.pop()?.text ?? "") : "";
}

/** Parted where a line begins that is within no value. */
function statementsIn(inside: string): readonly Statement[] {
  const starts = lineStarts(inside);
  const found: { text: string; line: number; isGap: boolean }[] = [];
  for (const [index, text] of inside.split(/(?<=\n)/u).entries()) {
    const last = found.at(-1);
    const isGap = /^\s*(?:#|$)/u.test(text);
    if (last !== undefined && (goesOn(starts[index]) || (isGap && last.isGap))) {
      last.text += text;
    } else {
      found.push({ text, line: index + 1, isGap });
    }
  }
  return found;
}

function goesOn(start: LineStart | undefined): boolean {
  return start !== undefined && (start.isInText || start.depth > 0);
}

function isOpenAtEnd(inside: string): boolean {
  return goesOn(lineStarts(inside).at(-1));
}

/** The comments of a row, each on a line of its own. */
function notesIn({ lead, text, isGap }: Row): string {
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const comments = isGap ? [withoutEmpty(text)] : commentsIn(text).map((each) => each + lineEnd);
  return withoutEmpty(lead) + comments.join("");
}

function withoutEmpty(lines: string): string {
  return lines
    .split(/(?<=\n)/u)
    .filter((line) => line.trim() !== "")
    .join("");
}
