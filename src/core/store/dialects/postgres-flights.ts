import type * as Pg from "pg";
import type { SqlValue } from "../store.ts";
import type { Answered, Ask, DriverClient } from "./postgres-answers.ts";
import type { PostgresQuery, PostgresResult } from "./postgres-driver.ts";
import { createReadings } from "./postgres-reading.ts";
import type { Column, Reading } from "./postgres-reading.ts";

/** A statement that is to be sent. */
interface Asked {
  readonly query: PostgresQuery;
  readonly answered: Answered;
}

/** A statement that was sent, and its answer so far. */
interface Part extends Asked {
  readonly reading: Reading;
  readonly described: Described;
}

/**
 * The columns that a connection's named statements answer with; null where there are none. They are told once: a server whose plan of a statement would
 * come to others refuses to run it.
 */
type Described = Map<string, readonly Column[] | null>;

/** What `pg` writes to the server, typed by structure: its `Connection` fits. */
interface Wire {
  readonly parsedStatements: Readonly<Record<string, string>>;
  /** Those whose parsing the server has not confirmed yet. */
  readonly submittedNamedStatements: Record<string, string>;
  parse(statement: { readonly text: string; readonly name: string | undefined }): void;
  bind(values: {
    readonly statement: string | undefined;
    readonly values: readonly (string | null)[];
  }): void;
  describe(portal: { readonly type: "P"; readonly name: "" }): void;
  execute(portal: { readonly portal: "" }): void;
  sync(): void;
}

/** What `pg` calls on whatever is handed to `Client.query`, in the order of what the server sends. */
interface Handlers {
  handleRowDescription(message: { readonly fields: readonly Column[] }): void;
  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void;
  handleCommandComplete(message: { readonly text: string }): void;
  handleError(error: Error, wire: Wire): void;
  handleReadyForQuery(): void;
}

/** So many statements have one answer at most: a connection is judged by how long one stays away. */
const mostParts = 64;

/**
 * Makes what sends statements. Those that are asked in one turn on a connection leave in one write, and with one `Sync` for all: the server sends what it
 * has at each, and a process wakes for each, which costs more than most statements. It stops at the first that fails; those behind it have its error.
 */
export function createFlights(Query: typeof Pg.Query): Ask {
  const gathered = new WeakMap<DriverClient, Asked[]>();
  const known = new WeakMap<DriverClient, Described>();
  const readingOf = createReadings();
  const partOf = (asked: Asked, described: Described): Part => ({
    ...asked,
    reading: readingOf(asked.query),
    described,
  });
  const send = (client: DriverClient, all: readonly Asked[]): void => {
    const { stream } = client.connection;
    const described = known.get(client) ?? new Map<string, null>();
    known.set(client, described);
    stream.cork();
    try {
      for (const group of groupsOf(all.map((asked) => partOf(asked, described)))) {
        client.query(questionOf(Query, group), group[0].answered);
      }
    } finally {
      stream.uncork();
    }
  };
  return (client, query, answered) => {
    const waiting = gathered.get(client) ?? [];
    gathered.set(client, waiting);
    if (waiting.length === 0) {
      // Comes after all that follows from answers that are there already.
      process.nextTick(() => {
        send(client, waiting.splice(0));
      });
    }
    waiting.push({ query, answered });
  };
}

/** Neighbours that may share an answer. A text without values may be of several statements, which is a message of its own. */
function groupsOf(all: readonly Part[]): readonly (readonly [Part, ...Part[]])[] {
  const groups: [Part, ...Part[]][] = [];
  for (const part of all) {
    const last = groups.at(-1);
    const mayJoin = last !== undefined && isSharing(last[0].query) && last.length < mostParts;
    if (mayJoin && isSharing(part.query)) {
      last.push(part);
    } else {
      groups.push([part]);
    }
  }
  return groups;
}

function isSharing({ values, types }: PostgresQuery): boolean {
  return values !== undefined && types !== undefined;
}

/** What the driver is given. */
function questionOf(Query: typeof Pg.Query, parts: readonly [Part, ...Part[]]): PostgresQuery {
  const [{ query }] = parts;
  // What does not say how its values are read is read by the driver.
  if (query.types === undefined) {
    return query;
  }
  const { text } = query;
  if (!isSharing(query)) {
    return Object.assign(new Query(text), { text, ...handlersOf(parts, () => {}) });
  }
  // The driver remembers what the server has parsed by the name and the text of the question that is being answered.
  const show = (shown: PostgresQuery): void => {
    Object.assign(question, { text: shown.text, name: shown.name });
  };
  const question = Object.assign(new Query(text), {
    text,
    ...handlersOf(parts, show),
    submit: (wire: Wire) => {
      submit(wire, parts);
      return null;
    },
  });
  show(query);
  return question;
}

/** Takes the answers of parts in their order, and tells which part is next. */
function handlersOf(parts: readonly Part[], show: (next: PostgresQuery) => void): Handlers {
  let at = 0;
  const tell = (part: Part): void => {
    part.answered(null, part.reading.result());
  };
  return {
    handleRowDescription: ({ fields }) => {
      const part = parts[at];
      part?.reading.begin(fields);
      note(part, fields);
    },
    handleDataRow: ({ fields }) => {
      parts[at]?.reading.row(fields);
    },
    handleCommandComplete: ({ text }) => {
      parts[at]?.reading.end(text);
      note(parts[at], null);
      const next = parts[at + 1];
      if (next !== undefined) {
        at += 1;
        show(next.query);
      }
    },
    handleError: (error, wire) => {
      const failed = parts.slice(at);
      parts.slice(0, at).forEach(tell);
      for (const { query, answered } of failed) {
        // The server has passed over what came behind the failure.
        Reflect.deleteProperty(wire.submittedNamedStatements, query.name ?? "");
        answered(error, noAnswer);
      }
    },
    handleReadyForQuery: () => {
      parts.forEach(tell);
    },
  };
}

/** Keeps what a statement's columns are, as the first answer told. */
function note(part: Part | undefined, columns: readonly Column[] | null): void {
  const name = part?.query.name;
  if (name !== undefined && part?.described.has(name) === false) {
    part.described.set(name, columns);
  }
}

const noAnswer: PostgresResult<never> = { rows: [], rowCount: null };

function submit(wire: Wire, parts: readonly Part[]): void {
  for (const { query, reading, described } of parts) {
    const { text, name } = query;
    const columns = name === undefined ? undefined : described.get(name);
    if (name === undefined || !isSubmitted(wire, name)) {
      wire.parse({ text, name });
    }
    if (name !== undefined && wire.parsedStatements[name] === undefined) {
      wire.submittedNamedStatements[name] = text;
    }
    wire.bind({ statement: name, values: (query.values ?? []).map(textOf) });
    if (columns === undefined) {
      wire.describe({ type: "P", name: "" });
    } else if (columns !== null) {
      reading.begin(columns);
    }
    wire.execute({ portal: "" });
  }
  wire.sync();
}

function isSubmitted({ parsedStatements, submittedNamedStatements }: Wire, name: string): boolean {
  return parsedStatements[name] !== undefined || submittedNamedStatements[name] !== undefined;
}

function textOf(value: SqlValue): string | null {
  return value === null ? null : String(value);
}
