import type {
  PostgresClient,
  PostgresPool,
  PostgresQuery,
  PostgresResult,
} from "../../src/core/store/dialects/postgres-driver.ts";
import { createAttempts } from "../../src/core/store/dialects/postgres-transactions.ts";
import type { PostgresAttempts } from "../../src/core/store/dialects/postgres-transactions.ts";

/** A server that answers when it is told to, in order. */
export interface HeldServer {
  readonly attempts: PostgresAttempts;
  /** What was asked and is not answered yet. */
  asked(): readonly string[];
  answer(): void;
  refuse(error: Error): void;
  released(): readonly boolean[];
}

/** Opens a transaction and sets its limits: what an opening asks before the statement that tells the time, and what it is told by. */
function isBeforeTime(text: string): boolean {
  return text.startsWith("BEGIN") || text.startsWith("SELECT set_config");
}

/** Makes one; each of its answers is a row with the time and the text that asked. An opening is shown and answered as one, `BEGIN`. */
export function aServer(): HeldServer {
  const waiting: {
    readonly text: string;
    readonly resolve: () => void;
    readonly reject: (error: Error) => void;
  }[] = [];
  const released: boolean[] = [];
  const client: PostgresClient = {
    query: async <Row>({ text }: PostgresQuery) =>
      new Promise<PostgresResult<Row>>((resolve, reject) => {
        const rows: readonly Row[] = JSON.parse(JSON.stringify([{ now_ms: 1, text }]));
        const settle = (): void => {
          resolve({ rows, rowCount: 1 });
        };
        if (isBeforeTime(text)) {
          settle();
        } else {
          waiting.push({ text: text.includes("now_ms") ? "BEGIN" : text, resolve: settle, reject });
        }
      }),
    release: (isBroken = false) => {
      released.push(isBroken);
    },
  };
  const pool: PostgresPool = {
    connect: async () => Promise.resolve(client),
    end: async () => Promise.resolve(),
  };
  return {
    attempts: createAttempts({ pool, project: "demo", lockMs: 1_000, statementMs: 1_000 }),
    asked: () => waiting.map(({ text }) => text.split(" ", 1)[0] ?? ""),
    answer: () => waiting.shift()?.resolve(),
    refuse: (error) => waiting.shift()?.reject(error),
    released: () => released,
  };
}
