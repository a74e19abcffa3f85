import { together } from "../base/together.ts";
import { groupsOf } from "./row-groups.ts";
import type { Reader, SqlValue } from "./store.ts";

/** A question that one value answers, as one query in the common subset; `null` where it finds no row. */
export interface Probe<Asked> {
  readonly sql: string;
  /** Adds the values of its parameters to those of the questions before it. */
  readonly bind: (params: SqlValue[], reader: Reader, asked: Asked) => void;
}

/** Answers some questions at once. */
export type Probing<Asked, Name extends string> = (
  reader: Reader,
  asked: Asked,
) => Promise<Readonly<Record<Name, SqlValue>>>;

/**
 * Puts questions into one statement. Most looks at the start of a piece of work find nothing; asked so, they cost one statement, and only
 * those that find something are followed by the statement that reads it.
 */
export function probing<Asked, const Name extends string>(
  probes: Readonly<Record<Name, Probe<Asked>>>,
): Probing<Asked, Name> {
  const all: readonly (readonly [string, Probe<Asked>])[] = Object.entries(probes);
  const sql = `SELECT ${all.map(([name, probe]) => `(${probe.sql}) AS "${name}"`).join(", ")}`;
  return async (reader, asked) => {
    const params: SqlValue[] = [];
    for (const [, probe] of all) {
      probe.bind(params, reader, asked);
    }
    const row = await reader.get<Readonly<Record<Name, SqlValue>>>(sql, params);
    if (row === null) {
      throw new Error("A SELECT without FROM gave no row.");
    }
    return row;
  };
}

/** Answers the same questions for several at once, in their order. */
export type ProbingAll<Asked, Name extends string> = (
  reader: Reader,
  all: readonly Asked[],
) => Promise<readonly Readonly<Record<Name, SqlValue>>[]>;

/** Puts the questions of several into as few statements as can be. */
export function probingAll<Asked, const Name extends string>(
  probes: Readonly<Record<Name, Probe<Asked>>>,
): ProbingAll<Asked, Name> {
  const all: readonly (readonly [string, Probe<Asked>])[] = Object.entries(probes);
  const columns = all.map(([name, probe]) => `(${probe.sql}) AS "${name}"`).join(", ");
  const texts: string[] = [];
  const textFor = (count: number): string => {
    texts[count] ??= Array.from(
      { length: count },
      (_, at) => `SELECT ${String(at)} AS place, ${columns}`,
    ).join(" UNION ALL ");
    return texts[count];
  };
  type Row = Readonly<Record<Name, SqlValue>> & { readonly place: number };
  const ask = async (reader: Reader, group: readonly Asked[]): Promise<readonly Row[]> => {
    const params: SqlValue[] = [];
    for (const asked of group) {
      for (const [, probe] of all) {
        probe.bind(params, reader, asked);
      }
    }
    const rows = await reader.all<Row>(textFor(group.length), params);
    return rows.toSorted((one, other) => one.place - other.place);
  };
  return async (reader, asked) =>
    (await together(groupsOf(asked).map((group) => ask(reader, group)))).flat();
}
