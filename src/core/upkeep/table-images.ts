import type { Migration } from "../store/index.ts";

/** One column of a stored table. */
export interface ColumnImage {
  readonly name: string;
  readonly type: "text" | "integer";
  readonly isNullable: boolean;
}

/** A table as its migration declares it, without the column `project`. */
export interface TableImage {
  readonly name: string;
  readonly columns: readonly ColumnImage[];
  /** The primary key without `project`: the order of rows in an export. */
  readonly key: readonly string[];
  /** True: exports of earlier versions do not have it, and an export without it holds no row of it. */
  readonly isYounger: boolean;
}

/** The schema of the first exports: all of its tables are in each of them. */
const firstSchema = 12;

/** What an export leaves out: secrets, and what only lives for a moment. */
const leftOut: ReadonlySet<string> = new Set([
  "session_handles",
  "access_tokens",
  "integration_turns",
]);

/**
 * Reads the tables of a schema from the statements that make it, so that an export is complete by itself whatever modules there are.
 * It knows columns and nothing of their meaning.
 */
export function readTableImages(migrations: readonly Migration[]): readonly TableImage[] {
  return migrations
    .flatMap(({ statements, version }) => statements.map((statement) => ({ statement, version })))
    .flatMap(({ statement, version }) => {
      const found = /^CREATE TABLE (\w+) \((.*)\)\s*$/su.exec(statement);
      const [, name = "", body = ""] = found ?? [];
      return found === null ? [] : [{ ...imageOf(name, body), isYounger: version > firstSchema }];
    })
    .filter(({ name }) => !leftOut.has(name));
}

function imageOf(name: string, body: string): Omit<TableImage, "isYounger"> {
  const columns = [...body.matchAll(/^\s*(\w+) (TEXT|BIGINT)( NOT NULL)?/gmu)].map(
    ([, column = "", type, isNeeded]) => ({
      name: column,
      type: type === "TEXT" ? ("text" as const) : ("integer" as const),
      isNullable: isNeeded === undefined,
    }),
  );
  const key = /PRIMARY KEY \(([^)]*)\)/u.exec(body)?.[1]?.split(/,\s*/u) ?? [];
  return {
    name,
    columns: columns.filter((column) => column.name !== "project"),
    key: key.filter((column) => column !== "project"),
  };
}

/** Reads all rows of the project, in the order of the key. */
export function selectAll({ name, columns, key }: TableImage): string {
  const order = key.length === 0 ? "" : ` ORDER BY ${key.join(", ")}`;
  return `SELECT ${namesOf(columns)} FROM ${name} WHERE project = ?${order}`;
}

export function selectOne({ name }: TableImage): string {
  return `SELECT project FROM ${name} WHERE project = ? LIMIT 1`;
}

export function insertRow({ name, columns }: TableImage): string {
  const places = columns.map(() => ", ?").join("");
  return `INSERT INTO ${name} (project, ${namesOf(columns)}) VALUES (?${places})`;
}

function namesOf(columns: readonly ColumnImage[]): string {
  return columns.map(({ name }) => name).join(", ");
}
