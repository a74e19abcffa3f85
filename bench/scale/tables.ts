import type { Figure } from "../support/figure.ts";
import { callKinds, figureNames } from "./facts.ts";
import type { CallKind } from "./facts.ts";

/** The tables of `docs/scaling.md`, as Markdown, out of the figures of `bench/shard.ts` and `bench/scale.ts`. */

const names: Readonly<Record<CallKind, string>> = {
  claim: "claim",
  renewal: "renewal, progress",
  finish: "finish",
  message: "message",
  read: "a board of 30",
};

/** A figure by its name. @throws {Error} when there is none: a table without it would be wrong. */
type Look = (name: string) => number;

function lookIn(figures: readonly Figure[]): Look {
  const values = new Map(figures.map(({ name, value }) => [name, value]));
  return (name) => {
    const value = values.get(name);
    if (value === undefined) {
      throw new Error(`There is no figure "${name}".`);
    }
    return value;
  };
}

/** What one call costs. */
export function callTable(figures: readonly Figure[]): string {
  const of = lookIn(figures);
  const rows = callKinds.map((kind) => {
    const figure = figureNames(kind);
    return [
      names[kind],
      ms(of(figure.serverMs)),
      ms(of(figure.databaseMs)),
      String(of(figure.statements)),
      String(of(figure.roundTrips)),
    ];
  });
  return table(["call", "server's CPU", "database's CPU", "statements", "waits"], rows);
}

/** What saturates first: shards of several sizes, then one project alone, then a million sessions. */
export function scaleTables(
  figures: readonly Figure[],
  { sizes, lonely }: { readonly sizes: readonly string[]; readonly lonely: readonly string[] },
): string {
  const of = lookIn(figures);
  return [
    shardTable(of, sizes),
    table(
      ["sessions in the project", "p50", "p99", "its lock"],
      lonely.map((size) => {
        const about = `one project of ${size}`;
        const lock = percent(of(`${about}, use of the busiest project's lock`));
        return [size, ms(of(`${about}, p50`)), ms(of(`${about}, p99`)), lock];
      }),
    ),
    millionTable(of),
  ].join("\n\n");
}

function shardTable(of: Look, sizes: readonly string[]): string {
  const head = ["sessions a shard", "calls a second", "p50", "p99", "servers' cores"];
  return table(
    [...head, "database's cores", "connections", "busiest lock"],
    sizes.map((size) => {
      const value = (what: string): number => of(`${size} a shard, ${what}`);
      return [
        size,
        whole(value("calls")),
        ms(value("p50")),
        ms(value("p99")),
        percent(value("use of servers' cores")),
        percent(value("use of the database's cores")),
        percent(value("use of connections")),
        percent(value("use of the busiest project's lock")),
      ];
    }),
  );
}

function millionTable(of: Look): string {
  const value = (what: string): number => of(`a million, ${what}`);
  const each = (whats: readonly string[], show: (value: number) => string): string =>
    whats.map((what) => show(value(what))).join(", ");
  const sessions = whole(value("sessions of a shard"));
  const cores = ["use of servers' cores", "use of the database's cores"];
  return table(
    ["what", "it gave"],
    [
      ["shards", `${whole(value("shards"))}, of ${sessions} sessions`],
      ["projects", whole(value("projects"))],
      ["calls a second", whole(value("calls"))],
      ["events a second", whole(value("events to be rung for"))],
      ["p50, p95, p99", each(["p50", "p95", "p99"], ms)],
      ["use of servers' cores, of databases' cores", each(cores, percent)],
      [
        "cores bought at 60 % use: servers, databases",
        each(["servers' cores bought", "databases' cores bought"], whole),
      ],
      [
        "servers, databases, storage of 90 days",
        `${each(["servers", "databases", "storage"], whole)} USD a month`,
      ],
      ["one session", `${String(value("one session"))} USD a month`],
    ],
  );
}

function ms(value: number): string {
  return value >= 1_000
    ? `${String(Number((value / 1_000).toPrecision(2)))} s`
    : `${String(Number(value.toPrecision(2)))} ms`;
}

function percent(share: number): string {
  return `${String(Math.round(share * 100))} %`;
}

function whole(value: number): string {
  return value.toLocaleString("en");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map(lineOf).join("\n");
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
