import type { Reader } from "../store/index.ts";
import type { PathPolicy } from "./glob.ts";
import { indexPrefix, prefixesOf } from "./path-pattern.ts";
import type { PathPattern } from "./path-pattern.ts";
import { prefixCounts } from "./tables.ts";
import type { PrefixCount } from "./tables.ts";

/** The statements that look rows up by their prefix in one table. */
export interface PrefixSql {
  readonly at: Readonly<Record<PrefixCount, string>>;
  readonly below: string;
  readonly belowRoot: string;
}

/** What to look for, and how the project compares paths. */
export interface Near {
  readonly patterns: readonly PathPattern[];
  readonly policy: PathPolicy;
}

/**
 * Reads the rows whose pattern may share a path with one of some patterns: those at a prefix of a pattern's own prefix and, unless the
 * pattern is one path, those below it. Two patterns whose prefixes lie in different directories never meet.
 */
export async function rowsNear<Row extends { readonly prefix: string }>(
  reader: Reader,
  sql: PrefixSql,
  near: Near,
): Promise<readonly Row[]> {
  const prefixes = new Set<string>();
  const opens = new Set<string>();
  for (const pattern of near.patterns) {
    const prefix = indexPrefix(pattern, near.policy);
    prefixesOf(prefix).forEach((each) => prefixes.add(each));
    if (pattern.kind !== "literal") {
      opens.add(prefix);
    }
  }
  const rows = await rowsAt<Row>(reader, sql, [...prefixes]);
  const below = await rowsBelow<Row>(reader, sql, opens);
  return [...rows, ...below.filter((row) => !prefixes.has(row.prefix))];
}

async function rowsAt<Row>(
  reader: Reader,
  sql: PrefixSql,
  prefixes: readonly string[],
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let start = 0; start < prefixes.length; start += 256) {
    const some = prefixes.slice(start, start + 256);
    const count = prefixCounts.find((size) => size >= some.length) ?? 256;
    const [first = ""] = some;
    const filled = [...some, ...Array.from({ length: count - some.length }, () => first)];
    rows.push(...(await reader.all<Row>(sql.at[count], [reader.project, ...filled])));
  }
  return rows;
}

async function rowsBelow<Row>(
  reader: Reader,
  sql: PrefixSql,
  opens: ReadonlySet<string>,
): Promise<readonly Row[]> {
  if (opens.has("")) {
    return reader.all<Row>(sql.belowRoot, [reader.project]);
  }
  const rows: Row[] = [];
  for (const prefix of opens) {
    const isInside = prefixesOf(prefix).some((above) => above !== prefix && opens.has(above));
    if (!isInside) {
      const bounds = [`${prefix}/`, `${prefix}0`];
      rows.push(...(await reader.all<Row>(sql.below, [reader.project, ...bounds])));
    }
  }
  return rows;
}
