/**
 * `npm run proof [-- --nightly] [ROW...]`: runs the proofs of `docs/testing.md` with their full counts, one after the other, and prints for each
 * what ran, from which seed and for how long. A failed one prints the line that replays it.
 */
import { run } from "./run.ts";

/** One row: where it is proved, and what it is told. */
interface Row {
  readonly name: string;
  readonly files: readonly string[];
  /** The counts of every change, by the name of their variable. */
  readonly full: Readonly<Record<string, number>>;
  /** By how much `--nightly` multiplies them. */
  readonly nightly: number;
}

const rows: readonly Row[] = [
  {
    name: "R1",
    files: ["test/property/histories", "test/property/leases-histories"],
    full: { R1: 10_000, HISTORIES: 2_000 },
    nightly: 20,
  },
  { name: "R2", files: ["test/property/interleavings"], full: { R2: 2_000 }, nightly: 25 },
  {
    name: "R3",
    files: ["test/chaos/linearizability"],
    full: { R3: 100, CALLS: 200 },
    nightly: 1,
  },
  {
    name: "R4",
    files: ["test/chaos/claim-race"],
    full: { R4: 10_000, PROCESSES: 64 },
    nightly: 1,
  },
  { name: "R5", files: ["test/property/leases-overlap"], full: { PAIRS: 100_000 }, nightly: 50 },
  { name: "R6", files: ["test/chaos/fences"], full: { R6: 1_000, PAUSES: 5 }, nightly: 10 },
  { name: "R7", files: ["test/chaos/kills"], full: { R7: 50 }, nightly: 20 },
  { name: "R12", files: ["test/property/clocks"], full: { R12: 1_000 }, nightly: 50 },
  { name: "R13", files: ["test/chaos/store-full"], full: {}, nightly: 1 },
  { name: "R15", files: ["test/chaos/store-broken-files"], full: {}, nightly: 1 },
  { name: "R20", files: ["test/property/budgets"], full: { BUDGETS: 1_000 }, nightly: 20 },
  { name: "R22", files: ["test/property/messages"], full: { MESSAGES: 10_000 }, nightly: 100 },
  { name: "R25", files: ["test/chaos/store-migrations"], full: {}, nightly: 1 },
  { name: "R26", files: ["test/chaos/store-backup"], full: {}, nightly: 1 },
  { name: "R30", files: ["test/chaos/planted-bugs"], full: {}, nightly: 1 },
  { name: "T18", files: ["test/security/cross-agent"], full: {}, nightly: 1 },
  { name: "T25", files: ["test/security/injection"], full: { T25: 10_000 }, nightly: 10 },
  { name: "T26", files: ["test/security/secrets"], full: {}, nightly: 1 },
  { name: "T20", files: ["test/security/paths"], full: { FUZZ: 100_000 }, nightly: 10 },
];

/** The longest that one row may take: a night. */
const longestMs = 12 * 3_600_000;

function prove({ name, files, full, nightly }: Row, isNightly: boolean): boolean {
  const factor = isNightly ? nightly : 1;
  const counts = Object.entries(full).map(([count, value]) => [
    `SKEIN_PROOF_${count}`,
    // Processes and calls say how wide a run is, not how often it runs.
    String(/^(?:CALLS|PROCESSES)$/u.test(count) ? value : value * factor),
  ]);
  const env: Record<string, string> = {
    SKEIN_PROOF_SEED: "1",
    ...Object.fromEntries(counts),
    ...(process.env["SKEIN_PROOF_SEED"] === undefined
      ? {}
      : { SKEIN_PROOF_SEED: process.env["SKEIN_PROOF_SEED"] }),
  };
  const told = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  const startedMs = performance.now();
  const timeout = `--testTimeout=${String(longestMs)}`;
  const isProved = run("vitest", ["run", timeout, ...files], { env }) === 0;
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  console.log(`${name}: ${isProved ? "holds" : "FAILS"} after ${String(seconds)} s`);
  console.log(`  ${told.join(" ")} npx vitest run ${timeout} ${files.join(" ")}`);
  return isProved;
}

const wanted = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const unknown = wanted.filter((word) => !rows.some(({ name }) => name === word));
const chosen = rows.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (unknown.length > 0) {
  console.error(
    `There is no ${unknown.join(", ")}. Rows: ${rows.map(({ name }) => name).join(" ")}.`,
  );
  process.exitCode = 2;
} else {
  const isNightly = process.argv.includes("--nightly");
  const failed = chosen.filter((row) => !prove(row, isNightly)).map(({ name }) => name);
  console.log(`${String(chosen.length - failed.length)} hold, ${String(failed.length)} fail`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}
