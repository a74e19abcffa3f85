import type { PostgresQuery, PostgresResult, PostgresTypes } from "./postgres-driver.ts";

/** A column of an answer, as `pg` reads it. */
export interface Column {
  readonly name: string;
  readonly dataTypeID: number;
}

/** Takes the answer to one statement as it comes in. */
export interface Reading {
  /** What its rows are. */
  begin(columns: readonly Column[]): void;
  row(fields: readonly (string | null)[]): void;
  /** `tag` is as `INSERT 0 3`. A message of several statements ends several times. */
  end(tag: string): void;
  /** What the last statement of its message answered. */
  result(): PostgresResult<never>;
}

type Row = Record<string, string | number | null>;

/** How the rows of a statement are read. */
interface Shape {
  readonly columns: readonly Column[];
  readonly parsers: readonly ((text: string) => string | number)[];
  /** A row of nothing: each row is a copy of it. */
  readonly empty: Row;
}

/**
 * Makes what makes readings. `pg` would make a statement's row anew from the description in each answer, which is a tenth of all that a claim takes of the
 * process; so the shape of a named statement's rows is made once.
 */
export function createReadings(): (query: PostgresQuery) => Reading {
  const shapes = new Map<string, Shape>();
  const shapeOf = ({ name, types }: PostgresQuery, columns: readonly Column[]): Shape => {
    const known = name === undefined ? undefined : shapes.get(name);
    if (known !== undefined && isSame(known.columns, columns)) {
      return known;
    }
    const shape = shapeFrom(columns, types);
    if (name !== undefined) {
      shapes.set(name, shape);
    }
    return shape;
  };
  return (query) => {
    let shape: Shape | null = null;
    let rows: Row[] = [];
    let last: PostgresResult<Row> = { rows, rowCount: null };
    return {
      begin: (columns) => {
        shape = shapeOf(query, columns);
      },
      row: (fields) => {
        if (shape !== null) {
          rows.push(rowOf(shape, fields));
        }
      },
      end: (tag) => {
        last = { rows, rowCount: countIn(tag) };
        rows = [];
      },
      result: () => ({ rows: believed(last.rows), rowCount: last.rowCount }),
    };
  };
}

/** A row's type is believed, as in `Reader`. */
function believed(rows: readonly Row[]): readonly never[];
function believed(rows: readonly unknown[]): readonly unknown[] {
  return rows;
}

/** A statement's text names its columns; their types may be others on a connection from before a migration. */
function isSame(known: readonly Column[], columns: readonly Column[]): boolean {
  return (
    known === columns ||
    (known.length === columns.length &&
      columns.every(
        ({ name, dataTypeID }, at) =>
          known[at]?.dataTypeID === dataTypeID && known[at].name === name,
      ))
  );
}

/** Keeps text as it came. */
const asText = (text: string): string => text;

function shapeFrom(columns: readonly Column[], types: PostgresTypes | undefined): Shape {
  return {
    columns,
    parsers: columns.map(({ dataTypeID }) => types?.getTypeParser(dataTypeID) ?? asText),
    empty: Object.fromEntries(columns.map(({ name }) => [name, null])),
  };
}

function rowOf({ columns, parsers, empty }: Shape, fields: readonly (string | null)[]): Row {
  const row = { ...empty };
  for (let at = 0; at < fields.length; at += 1) {
    const text = fields[at] ?? null;
    const column = columns[at];
    const parse = parsers[at];
    if (text !== null && column !== undefined && parse !== undefined) {
      row[column.name] = parse(text);
    }
  }
  return row;
}

/** How many rows a command tells of; null for one that tells of none, as `COMMIT`. */
function countIn(tag: string): number | null {
  const count = /\d+$/u.exec(tag)?.[0];
  return count === undefined ? null : Number(count);
}
