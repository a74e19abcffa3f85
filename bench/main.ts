import { spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { basename, join } from "node:path";
import { openBetterSqlite } from "../src/core/store/index.ts";
import { figuresMark, isMet } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";

/** `node bench/main.ts [NAME..] [--quick] [--strict]`: each bench is a process of its own; figures go to the screen and to a file. */
const usual = [
  "claim",
  "flat",
  "messages",
  "doorbell",
  "round-trip",
  "hook",
  "memory",
  "load",
  "contention",
  "review",
  "review-sim",
  "models",
  "ledger",
  "action",
  "metrics",
  "webhook",
  "postgres",
  "postgres-shards",
  "serve",
] as const;

/** Run only when named: some install packages or need Redis, one needs what another has measured. */
const optional = ["bus", "peers", "postgres-peers", "shard", "scale"] as const;

/** These start the command as it is installed. */
const installed: ReadonlySet<string> = new Set(["round-trip", "hook", "memory", "serve", "peers"]);

/** What one bench gave; null when it failed. */
interface Outcome {
  readonly bench: string;
  readonly figures: readonly Figure[] | null;
  /** What else it said: tables for a page. */
  readonly said: readonly string[];
}

async function main(args: readonly string[]): Promise<number> {
  const names = args.filter((arg) => !arg.startsWith("--"));
  const unknown = names.find((name) => ![...usual, ...optional].some((known) => known === name));
  if (unknown !== undefined) {
    console.error(`There is no bench ${unknown}; there are ${[...usual, ...optional].join(", ")}.`);
    return 2;
  }
  const chosen = names.length > 0 ? names : usual;
  const isBuilt = existsSync(join(import.meta.dirname, "..", "dist", "hook.cjs"));
  if (!isBuilt && chosen.some((name) => installed.has(name))) {
    console.error("The built files are missing: run `npm run build` first.");
    return 2;
  }
  const outcomes: Outcome[] = [];
  const isQuick = args.includes("--quick");
  const file = newFile(isQuick);
  for (const bench of chosen) {
    const outcome = await run(bench, isQuick ? ["--quick"] : []);
    console.log([...linesOf(outcome), "", ...outcome.said].join("\n").trimEnd());
    outcomes.push(outcome);
    keep(file, outcomes, isQuick);
  }
  const isAllMet = outcomes.every(({ figures }) => figures?.every(isMet) ?? false);
  console.log(
    `\n${isAllMet ? "All targets are met." : "Some targets are missed."} bench/results/${basename(file)}`,
  );
  return args.includes("--strict") && !isAllMet ? 1 : 0;
}

async function run(bench: string, flags: readonly string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [join(import.meta.dirname, `${bench}.ts`), ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (text: string) => {
    said += text;
  });
  await new Promise((resolve) => child.once("close", resolve));
  const lines = said.split("\n");
  const line = lines.find((each) => each.startsWith(figuresMark));
  const figures = line === undefined ? null : JSON.parse(line.slice(figuresMark.length));
  return { bench, figures, said: lines.filter((each) => !each.startsWith(figuresMark)) };
}

const widths = { name: 62, value: 14, target: 18 };

function linesOf({ bench, figures }: Outcome): readonly string[] {
  if (figures === null) {
    return ["", bench, "  failed"];
  }
  return ["", bench, ...figures.map((figure) => `  ${lineOf(figure)}`)];
}

function lineOf(figure: Figure): string {
  const { name, value, unit, target } = figure;
  const bound = target === null ? "" : `${target.bound} ${String(target.value)}`;
  const verdict = isMet(figure) ? "ok" : "short";
  return [
    name.padEnd(widths.name),
    `${String(value)} ${unit}`.padStart(widths.value),
    bound.padStart(widths.target),
    target === null ? "" : verdict,
  ]
    .join("  ")
    .trimEnd();
}

/** A file for the results of this run, as `bench/results/2026-11-28T1851.json`. */
function newFile(isQuick: boolean): string {
  const folder = join(import.meta.dirname, "results");
  mkdirSync(folder, { recursive: true });
  const at = new Date().toISOString().slice(0, 16).replaceAll(":", "");
  const plain = `${at}${isQuick ? "-quick" : ""}`;
  // Each run of one minute has a result of its own.
  let name = `${plain}.json`;
  for (let nth = 2; existsSync(join(folder, name)); nth += 1) {
    name = `${plain}-${String(nth)}.json`;
  }
  return join(folder, name);
}

/**
 * Writes the figures and what they were measured on, without names of hosts or folders: after each bench, since a later one may read what an
 * earlier one has measured.
 */
function keep(file: string, outcomes: readonly Outcome[], isQuick: boolean): void {
  const kept = outcomes.map(({ bench, figures }) => ({ bench, figures }));
  const at = new Date().toISOString();
  const result = { at, is_quick: isQuick, machine: machine(), outcomes: kept };
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
}

function machine(): Readonly<Record<string, unknown>> {
  const db = openBetterSqlite(":memory:");
  const sqlite = db
    .prepare("SELECT sqlite_version() AS version")
    .get<{ readonly version: string }>();
  db.close();
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? "unknown",
    cores: cpus().length,
    // What else ran meanwhile: above the number of cores, times are those of a busy machine.
    load_average: loadavg().map((load) => Math.round(load * 10) / 10),
    memory_mb: Math.round(totalmem() / 1_048_576),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    sqlite: sqlite?.version ?? "unknown",
  };
}

process.exitCode = await main(process.argv.slice(2));
