import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The kinds of calls that are told apart. */
export const callKinds = ["renewal", "claim", "finish", "message", "read"] as const;

export type CallKind = (typeof callKinds)[number];

/** What one call takes, as it was measured without anybody beside it. */
export interface CallCost {
  /** Of the server's process, in milliseconds. */
  readonly serverMs: number;
  /** Of the database's processes, in milliseconds. */
  readonly databaseMs: number;
  /** How often a call waits for the database: what is sent together is one way there and back. */
  readonly roundTrips: number;
}

export type Facts = Readonly<Record<CallKind, CallCost>>;

/** The names of the figures of `bench/shard.ts`. */
export function figureNames(
  kind: CallKind,
): Readonly<Record<keyof CallCost | "statements", string>> {
  return {
    serverMs: `${kind}, CPU of the server`,
    databaseMs: `${kind}, CPU of PostgreSQL`,
    roundTrips: `${kind}, round trips`,
    statements: `${kind}, statements`,
  };
}

export interface MeasuredFacts {
  readonly facts: Facts;
  /** The result file, as `2026-11-28T1629.json`. */
  readonly file: string;
}

interface Result {
  readonly is_quick: boolean;
  readonly outcomes: readonly {
    readonly bench: string;
    readonly figures: readonly { readonly name: string; readonly value: number }[] | null;
  }[];
}

/** The newest measurement of `bench/shard.ts` among the results; whole ones go before quick ones. */
export function readFacts(folder: string): MeasuredFacts {
  const found = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .flatMap((file) => {
      const result: Result = JSON.parse(readFileSync(join(folder, file), "utf8"));
      const outcome = result.outcomes.find(({ bench }) => bench === "shard");
      return outcome === undefined || outcome.figures === null
        ? []
        : [{ file, isQuick: result.is_quick, figures: outcome.figures }];
    });
  const newest = found.findLast(({ isQuick }) => !isQuick) ?? found.at(-1);
  if (newest === undefined) {
    throw new Error(
      "Nothing was measured: run `npm run bench -- shard` first, beside a PostgreSQL.",
    );
  }
  const values = new Map(newest.figures.map(({ name, value }) => [name, value]));
  const need = (name: string): number => {
    const value = values.get(name);
    if (value === undefined) {
      throw new Error(`${newest.file} has no figure "${name}".`);
    }
    return value;
  };
  const costOf = (kind: CallKind): CallCost => {
    const names = figureNames(kind);
    return {
      serverMs: need(names.serverMs),
      databaseMs: need(names.databaseMs),
      roundTrips: need(names.roundTrips),
    };
  };
  const facts = {
    renewal: costOf("renewal"),
    claim: costOf("claim"),
    finish: costOf("finish"),
    message: costOf("message"),
    read: costOf("read"),
  };
  return { facts, file: newest.file };
}
