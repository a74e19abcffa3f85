/**
 * `npm run proof [-- --nightly] [ROW...]`: runs the proofs of `docs/testing.md` with their full counts, one after the other, and ends with a
 * table of what ran, from which seed and for how long. A failed one prints the line that replays it.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countTests, titlesOf } from "./closing-line.ts";
import { countsOf, longestMs, proofRows, untoldCounts } from "./proof-rows.ts";
import type { ProofRow } from "./proof-rows.ts";
import { run } from "./run.ts";

/** How a row went. */
interface Proved {
  readonly name: string;
  readonly isProved: boolean;
  readonly ran: string;
  readonly cases: number;
  readonly skipped: number;
  readonly seconds: number;
}

const seed = process.env["SKEIN_PROOF_SEED"] ?? "1";

function prove(row: ProofRow, isNightly: boolean): Proved {
  const { name, files } = row;
  const counts = countsOf(row, isNightly);
  const told = [...counts].map(
    ([count, value]) => [`SKEIN_PROOF_${count}`, String(value)] as const,
  );
  const env = { SKEIN_PROOF_SEED: seed, ...Object.fromEntries(told) };
  const timeout = `--testTimeout=${String(longestMs)}`;
  const line = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  console.log(`${name}: ${line.join(" ")} npx vitest run ${timeout} ${files.join(" ")}`);
  const startedMs = performance.now();
  const { status, report } = runReported([timeout, ...files], env);
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  const { passed, failed, skipped } = countTests(report, status);
  const untold = untoldCounts(counts, titlesOf(report));
  for (const count of untold) {
    console.error(`${name}: no test says that it ran ${count}.`);
  }
  const isProved = status === 0 && failed === 0 && passed > 0 && untold.length === 0;
  const ran = [...counts].map(([count, value]) => `${count}=${String(value)}`).join(" ");
  return { name, isProved, ran: ran === "" ? "all" : ran, cases: passed, skipped, seconds };
}

/** Runs vitest, which also writes what it found as JSON; null where it wrote none. */
function runReported(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): { readonly status: number; readonly report: string | null } {
  const directory = mkdtempSync(join(tmpdir(), "skein-proof-"));
  const file = join(directory, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const status = run("vitest", ["run", ...reporters, ...args], { env });
  const report = existsSync(file) ? readFileSync(file, "utf8") : null;
  rmSync(directory, { recursive: true });
  return { status, report };
}

function lineOf({ name, isProved, ran, cases, skipped, seconds }: Proved): readonly string[] {
  const result = isProved ? "holds" : "FAILS";
  const left = skipped > 0 ? `${result}, ${String(skipped)} skipped` : result;
  return [name, ran, String(cases), String(seconds), left, seed];
}

function printTable(all: readonly Proved[]): void {
  const lines = [["row", "count", "cases", "seconds", "result", "seed"], ...all.map(lineOf)];
  const widths = lines[0]?.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  for (const line of lines) {
    console.log(
      line
        .map((cell, at) => cell.padEnd(widths?.[at] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
}

const wanted = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const unknown = wanted.filter((word) => !proofRows.some(({ name }) => name === word));
const chosen = proofRows.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (unknown.length > 0) {
  const names = proofRows.map(({ name }) => name).join(" ");
  console.error(`There is no ${unknown.join(", ")}. Rows: ${names}.`);
  process.exitCode = 2;
} else {
  const isNightly = process.argv.includes("--nightly");
  const all = chosen.map((row) => prove(row, isNightly));
  const failed = all.filter(({ isProved }) => !isProved);
  console.log("");
  printTable(all);
  console.log(`${String(all.length - failed.length)} hold, ${String(failed.length)} fail`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}
