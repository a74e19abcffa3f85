import type * as Pg from "pg";
import type { Phrase } from "./postgres-answers.ts";
import type { PostgresQuery, PostgresResult, PostgresTypes } from "./postgres-driver.ts";

/** A column of an answer, as `pg` reads it. */
interface Column {
  readonly name: string;
  readonly dataTypeID: number;
}

type Row = Record<string, string | number | null>;

/** How the rows of a statement are read. */
interface Shape {
  readonly columns: readonly Column[];
  readonly parsers: readonly ((text: string) => string | number)[];
  /** A row of nothing: each row is a copy of it. */
  readonly empty: Row;
}

/** What `pg` calls with the parts of an answer, in their order: the contract of what is handed to `Client.query`. */
interface Handlers {
  handleRowDescription(message: { readonly fields: readonly Column[] }): void;
  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void;
  handleCommandComplete(message: { readonly text: string }): void;
  handleReadyForQuery(): void;
}

/** Keeps text as it came. */
const asText = (text: string): string => text;

/**
 * Makes what makes statements of `pg` that read their own rows. `pg` would copy each statement and make its row anew from its description each time, which is a seventh
 * of all that a claim takes of the process; so the shape of a named statement's rows is made once. Of a message with several statements it tells the last one's answer.
 */
export function createQuestions(Query: typeof Pg.Query): Phrase {
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
  return (query, answered) => {
    // What does not say how its values are read is read by the driver.
    if (query.types === undefined) {
      return query;
    }
    let shape: Shape | null = null;
    let rows: Row[] = [];
    let last: PostgresResult<Row> = { rows, rowCount: null };
    const handlers: Handlers = {
      handleRowDescription: ({ fields }) => {
        shape = shapeOf(query, fields);
      },
      handleDataRow: ({ fields }) => {
        if (shape !== null) {
          rows.push(rowOf(shape, fields));
        }
      },
      handleCommandComplete: ({ text }) => {
        last = { rows, rowCount: countIn(text) };
        rows = [];
      },
      handleReadyForQuery: () => {
        answered(null, { rows: believed(last.rows), rowCount: last.rowCount });
      },
    };
    return Object.assign(new Query(query.text, query.values), handlers, nameOf(query));
  };
}

function nameOf({ text, name }: PostgresQuery): Pick<PostgresQuery, "text" | "name"> {
  return name === undefined ? { text } : { text, name };
}

/** A row's type is believed, as in `Reader`. */
function believed(rows: readonly Row[]): readonly never[];
function believed(rows: readonly unknown[]): readonly unknown[] {
  return rows;
}

/** A statement's text names its columns; their types may be others on a connection from before a migration. */
function isSame(known: readonly Column[], columns: readonly Column[]): boolean {
  return (
    known.length === columns.length &&
    columns.every(
      ({ name, dataTypeID }, at) => known[at]?.dataTypeID === dataTypeID && known[at].name === name,
    )
  );
}

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

/** How many rows a command tells of, as in `INSERT 0 3`; null for one that tells of none, as `COMMIT`. */
function countIn(text: string): number | null {
  const count = /\d+$/u.exec(text)?.[0];
  return count === undefined ? null : Number(count);
}
