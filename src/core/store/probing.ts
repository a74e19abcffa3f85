import type { Reader, SqlValue } from "./store.ts";

/** A question that one value answers, as one query in the common subset; `null` where it finds no row. */
export interface Probe<Field extends string = never> {
  readonly sql: string;
  /** What stands for its parameters, in order: the project, or a field of whoever it is about. */
  readonly about: readonly (Field | "project")[];
}

/**
 * The condition that a column has a value, for a query that orders by that column. PostgreSQL plans a statement once a connection, maybe while its table is
 * empty; then all indexes cost the same to it, and it may choose one that begins with the project alone. In this order only one needs no sort.
 * The value's parameter comes twice. So it is with `MAX`, which then reads all rows of the project: the first in the opposite order is read instead.
 */
export function inOrder(column: string, value = "?"): string {
  return `${column} >= ${value} AND ${column} <= ${value}`;
}

/** The fields of whoever questions are about. */
export type About<Field extends string> = Readonly<Record<Field, SqlValue>>;

/** Some questions with their names. */
export type Probes<Field extends string, Name extends string> = Readonly<
  Record<Name, Probe<Field>>
>;

/** What they found. */
export type Found<Name extends string> = Readonly<Record<Name, SqlValue>>;

/** Questions in one statement, which a store may be asked before its work begins. */
export interface Probing<Field extends string, Name extends string> {
  readonly sql: string;
  params(project: string, about: About<Field>): readonly SqlValue[];
  ask(reader: Reader, about: About<Field>): Promise<Found<Name>>;
}

/**
 * Puts questions into one statement. Most looks at the start of a piece of work find nothing; asked so, they cost one statement, and only
 * those that find something are followed by the statement that reads it.
 */
export function probing<const Field extends string = never, const Name extends string = string>(
  probes: Probes<Field, Name>,
): Probing<Field, Name> {
  const all = entriesOf(probes);
  const sql = `SELECT ${all.map(([name, probe]) => `(${probe.sql}) AS "${name}"`).join(", ")}`;
  const fields = all.flatMap(([, { about }]) => about);
  const params = (project: string, about: About<Field>): readonly SqlValue[] =>
    fields.map((field) => (field === "project" ? project : about[field]));
  return {
    sql,
    params,
    ask: async (reader, about) => {
      const row = await reader.get<Found<Name>>(sql, params(reader.project, about));
      if (row === null) {
        throw new Error("A SELECT without FROM gave no row.");
      }
      return row;
    },
  };
}

/** The same questions as columns of a statement that reads whoever they are about; `columns` tells what stands for each field there. */
export function probeColumns<const Field extends string>(
  probes: Probes<Field, string>,
  columns: Readonly<Record<Field | "project", string>>,
): string {
  return entriesOf(probes)
    .map(([name, { sql, about }]) => {
      const fields = about.values();
      return `(${sql.replaceAll("?", () => columnOf(columns, fields.next()))}) AS "${name}"`;
    })
    .join(", ");
}

function columnOf<Field extends string>(
  columns: Readonly<Record<Field, string>>,
  { value }: IteratorResult<Field, undefined>,
): string {
  if (value === undefined) {
    throw new Error("A question has more parameters than it says.");
  }
  return columns[value];
}

function entriesOf<Field extends string>(
  probes: Probes<Field, string>,
): readonly (readonly [string, Probe<Field>])[] {
  return Object.entries(probes);
}
