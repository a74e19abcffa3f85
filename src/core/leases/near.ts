import { together } from "../base/together.ts";
import { groupsOf } from "../store/index.ts";
import type { Reader } from "../store/index.ts";
import type { PathPolicy } from "./glob.ts";
import type { PathPattern } from "./path-pattern.ts";
import { noPrefix } from "./prefix-statements.ts";
import type { PrefixCount, PrefixSql } from "./prefix-statements.ts";
import { endingKeys, reachOf } from "./reach.ts";
import type { Reach } from "./reach.ts";

/** What to look for, and how the project compares paths. */
export interface Near {
  readonly patterns: readonly PathPattern[];
  readonly policy: PathPolicy;
}

/** Reads the rows whose pattern may share a path with one of some patterns, each once. */
export function rowsNear<Row extends { readonly prefix: string }>(
  reader: Reader,
  sql: PrefixSql,
  { patterns, policy }: Near,
): Promise<readonly Row[]> {
  const reach = reachOf(patterns, policy);
  const around = aroundOf(reader, sql, reach);
  return around === null ? rowsWithin<Row>(reader, sql, reach) : reader.all<Row>(...around);
}

async function rowsWithin<Row extends { readonly prefix: string }>(
  reader: Reader,
  sql: PrefixSql,
  reach: Reach,
): Promise<readonly Row[]> {
  const at = rowsAt<Row>(reader, sql, [...reach.at]);
  if (reach.below.length === 0) {
    return at;
  }
  const [rows, below] = await together([at, rowsBelow<Row>(reader, sql, reach)]);
  return below.length === 0
    ? rows
    : [...rows, ...below.filter(({ prefix }) => !reach.at.has(prefix))];
}

/** One statement for both looks, where that is enough and no row can be found twice; else null. */
function aroundOf(
  { project }: Reader,
  sql: PrefixSql,
  { at, below, isAnyEnding }: Reach,
): readonly [string, readonly string[]] | null {
  const [prefix = ""] = below;
  const [from, to] = boundsOf(prefix);
  const isTwice = (key: string): boolean =>
    key.startsWith(from) || (isAnyEnding && key.startsWith(endingKeys.from));
  const keys = [...at];
  if (prefix === "" || below.length > 1 || keys.length > 4 || keys.some(isTwice)) {
    return null;
  }
  const params = [...placesOf(project, keys, 4), project, from, to];
  if (isAnyEnding) {
    params.push(project);
  }
  return [isAnyEnding ? sql.around.orEnding : sql.around.exact, params];
}

async function rowsAt<Row>(
  reader: Reader,
  sql: PrefixSql,
  keys: readonly string[],
): Promise<readonly Row[]> {
  const pages = groupsOf(keys, 16).map((group) => {
    const count = group.length > 4 ? 16 : 4;
    return reader.all<Row>(sql.at[count], placesOf(reader.project, group, count));
  });
  const [only] = pages;
  return only !== undefined && pages.length === 1 ? only : (await together(pages)).flat();
}

/** What a look at some keys is given. */
function placesOf(project: string, keys: readonly string[], count: PrefixCount): string[] {
  const params: string[] = [];
  for (let at = 0; at < count; at += 1) {
    params.push(project, keys[at] ?? noPrefix);
  }
  return params;
}

async function rowsBelow<Row>(
  reader: Reader,
  sql: PrefixSql,
  { below, isAnyEnding }: Reach,
): Promise<readonly Row[]> {
  const [first = ""] = below;
  if (first === "") {
    return reader.all<Row>(sql.belowRoot, [reader.project]);
  }
  const { project } = reader;
  const pages = groupsOf(below).map((group, at) => {
    const bounds = group.flatMap((prefix) => [project, ...boundsOf(prefix)]);
    return isAnyEnding && at === 0
      ? reader.all<Row>(sql.belowOrEnding(group.length), [...bounds, project])
      : reader.all<Row>(sql.below(group.length), bounds);
  });
  return (await together(pages)).flat();
}

/** Everything strictly below a prefix: from `prefix/` to before `prefix0`, the sign after `/`. */
function boundsOf(prefix: string): readonly [string, string] {
  return [`${prefix}/`, `${prefix}0`];
}
