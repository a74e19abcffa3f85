import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { createCallLedger } from "../src/core/index.ts";
import { priceRow } from "../src/core/costs/index.ts";
import type { CallLedger, PlannedCall } from "../src/core/models/index.ts";
import { aModel } from "../test/support/models.ts";
import { atLeast, isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import { openHand } from "./support/hand.ts";
import { createRecording } from "./support/recording.ts";
import type { Ran } from "./support/recording.ts";
import { inFolder, openStand } from "./support/stand.ts";
import type { Stand } from "./support/stand.ts";
import { quantile, rounded } from "./support/statistics.ts";

const calls = 400;
const rounds = isQuick ? 4 : 8;
/** The first rounds are not counted: statements are prepared and code is compiled in them. */
const warmUpRounds = 2;
/** How many calls one side counts before the other has its turn. */
const turn = 20;

const price = priceRow("m", { input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5 });
const usage = { inputTokens: 900, outputTokens: 80, cacheReadTokens: 0, cacheWriteTokens: 0 };

type Synchronous = "full" | "normal";

/**
 * A call of a model set aside for and settled, with budgets of its run, pull request, day and month, over the same statements with the same
 * parameters run by hand. What the ledger runs is recorded from the driver, so both sides do the same in the database.
 */
async function main(): Promise<void> {
  await inFolder(async (folder) => {
    const file = join(folder, "base", "skein.db");
    await prepare(file);
    const pairs = await record(folder, file);
    const statements = pairs.flat().length / pairs.length;
    const figures: Figure[] = [];
    for (const synchronous of ["normal", "full"] as const) {
      figures.push(...(await compare({ folder, file, pairs, synchronous })));
    }
    report([...figures, { name: "statements a call", value: statements, unit: "", target: null }]);
  });
}

async function prepare(file: string): Promise<void> {
  const stand = await openStand({ file, synchronous: "normal" });
  await count(ledgerOf(stand), 0);
  await stand.store.maintenance.tidy();
  await stand.close();
}

function ledgerOf({ store, costs }: Stand): CallLedger {
  const many = 1_000_000_000_000;
  return createCallLedger({
    store,
    costs,
    priceOf: () => price,
    purpose: { session: null, plan: null, task: null, pr: 7, issue: null, author: null },
    limits: { run: many, pullRequest: many, day: many, month: many },
    actor: "system",
  });
}

/** One call, from its reservation to its settlement. */
async function count(ledger: CallLedger, at: number): Promise<void> {
  const call: PlannedCall = {
    tag: { run: "R1", seat: String(at % 10), phase: "generate", occurrence: at },
    model: aModel(),
    attempt: 1,
    inputTokens: 1_000,
    outputTokens: 100,
  };
  const reservation = await ledger.reserve(call);
  if (reservation.kind === "refused") {
    throw new Error(`A call of the bench was refused: ${reservation.message}`);
  }
  await ledger.settle(reservation.grant, { outcome: "answered", usage });
}

let copies = 0;

function copyOf(folder: string, file: string): string {
  copies += 1;
  const copy = join(folder, `run-${String(copies)}.db`);
  copyFileSync(file, copy);
  return copy;
}

/** The statements of each call. */
async function record(folder: string, file: string): Promise<readonly (readonly Ran[])[]> {
  const recording = createRecording();
  const stand = await openStand({
    file: copyOf(folder, file),
    synchronous: "normal",
    openDriver: recording.open,
  });
  const ledger = ledgerOf(stand);
  // The first call of a ledger looks after its limits.
  await count(ledger, 0);
  recording.take();
  const pairs: (readonly Ran[])[] = [];
  for (let at = 0; at < calls; at += 1) {
    await count(ledger, at);
    pairs.push(recording.take());
  }
  await stand.close();
  if (process.argv.includes("--show")) {
    console.log(pairs[10]?.map(({ how, sql }) => `${how} ${sql}`).join("\n"));
  }
  return pairs;
}

interface Comparison {
  readonly folder: string;
  readonly file: string;
  readonly pairs: readonly (readonly Ran[])[];
  readonly synchronous: Synchronous;
}

async function compare(comparison: Comparison): Promise<readonly Figure[]> {
  const [byHand, through]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const took = await inTurns(comparison);
    byHand.push(...(round < warmUpRounds ? [] : took.byHand));
    through.push(...(round < warmUpRounds ? [] : took.through));
  }
  const name = comparison.synchronous.toUpperCase();
  // What else runs on the machine only ever adds time.
  const [hand, core] = [quantile(byHand, 0.25), quantile(through, 0.25)];
  return [
    {
      name: `call over hand-written, ${name}`,
      value: rounded(hand / core),
      unit: "x",
      target: atLeast(0.6),
    },
    { name: `call, ${name}`, value: rounded(core), unit: "us", target: null },
    { name: `by hand, ${name}`, value: rounded(hand), unit: "us", target: null },
  ];
}

/** Microseconds of each call, by hand and through the ledger, on two copies of the store. */
async function inTurns({ folder, file, pairs, synchronous }: Comparison): Promise<{
  readonly byHand: readonly number[];
  readonly through: readonly number[];
}> {
  const hand = openHand(copyOf(folder, file), pairs, synchronous);
  const stand = await openStand({ file: copyOf(folder, file), synchronous });
  const ledger = ledgerOf(stand);
  await count(ledger, 0);
  const [byHand, through]: [number[], number[]] = [[], []];
  for (let from = 0; from < calls; from += turn) {
    for (const pair of pairs.slice(from, from + turn)) {
      const start = performance.now();
      hand.run(pair);
      byHand.push((performance.now() - start) * 1_000);
    }
    for (let at = from; at < from + turn; at += 1) {
      const start = performance.now();
      await count(ledger, at);
      through.push((performance.now() - start) * 1_000);
    }
  }
  hand.close();
  await stand.close();
  return { byHand, through };
}

await main();
