import type { Migration } from "../store/index.ts";

/** One column of a stored table. */
export interface ColumnImage {
  readonly name: string;
  readonly type: "text" | "integer";
  readonly isNullable: boolean;
  /** True: exports of earlier versions do not have it. */
  readonly isYounger: boolean;
  /** True: it holds a secret, or what proves one, and is written as an empty text. */
  readonly isBlank: boolean;
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
const leftOut: ReadonlySet<string> = new Set(["session_handles", "integration_turns"]);

/** Columns that are empty in an export and after an import: a row stays, so that its number is given to no other, and opens nothing. */
const blank: ReadonlySet<string> = new Set(["access_tokens.hash"]);

/**
 * Reads the tables of a schema from the statements that make it, so that an export is complete by itself whatever modules there are.
 * It knows columns and nothing of their meaning.
 */
export function readTableImages(migrations: readonly Migration[]): readonly TableImage[] {
  const steps = migrations.flatMap(({ statements, version }) =>
    statements.map((statement) => ({ statement, isYounger: version > firstSchema })),
  );
  return steps
    .flatMap(({ statement, isYounger }) => {
      const found = /^CREATE TABLE (\w+) \((.*)\)\s*$/su.exec(statement);
      const [, name = "", body = ""] = found ?? [];
      return found === null ? [] : [imageOf({ name, body, isYounger }, steps)];
    })
    .filter(({ name }) => !leftOut.has(name));
}

interface Step {
  readonly statement: string;
  readonly isYounger: boolean;
}

interface Declared {
  readonly name: string;
  readonly body: string;
  readonly isYounger: boolean;
}

function imageOf({ name, body, isYounger }: Declared, steps: readonly Step[]): TableImage {
  const added = steps.flatMap((step) => {
    const [, table, column = ""] =
      /^ALTER TABLE (\w+) ADD COLUMN (.*)$/su.exec(step.statement) ?? [];
    return table === name ? columnsOf({ name, body: column, isYounger: step.isYounger }) : [];
  });
  const columns = [...columnsOf({ name, body, isYounger }), ...added];
  const key = /PRIMARY KEY \(([^)]*)\)/u.exec(body)?.[1]?.split(/,\s*/u) ?? [];
  return {
    name,
    columns: columns.filter((column) => column.name !== "project"),
    key: key.filter((column) => column !== "project"),
    isYounger,
  };
}

function columnsOf({ name: table, body, isYounger }: Declared): readonly ColumnImage[] {
  return [...body.matchAll(/^\s*(\w+) (TEXT|BIGINT)( NOT NULL)?/gmu)].map(
    ([, name = "", type, isNeeded]) => ({
      name,
      type: type === "TEXT" ? ("text" as const) : ("integer" as const),
      isNullable: isNeeded === undefined,
      isYounger,
      isBlank: blank.has(`${table}.${name}`),
    }),
  );
}

/** Reads all rows of the project, in the order of the key. */
export function selectAll({ name, columns, key }: TableImage): string {
  const order = key.length === 0 ? "" : ` ORDER BY ${key.join(", ")}`;
  const read = columns.map((column) => (column.isBlank ? `'' AS ${column.name}` : column.name));
  return `SELECT ${read.join(", ")} FROM ${name} WHERE project = ?${order}`;
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
