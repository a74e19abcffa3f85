import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import type { Caller } from "../src/core/dispatch/index.ts";
import { atLeast, figuresMark, isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import { openHand } from "./support/hand.ts";
import { createRecording } from "./support/recording.ts";
import type { Ran } from "./support/recording.ts";
import { canSlowDisk, slowDisk } from "./support/slow-disk.ts";
import { aPlan, aTask, inFolder, joinMany, nextOf, openStand } from "./support/stand.ts";
import type { Stand } from "./support/stand.ts";
import { quantile, rounded } from "./support/statistics.ts";

const claims = 400;
const rounds = isQuick ? 4 : 8;
/** The first rounds are not counted: each side prepares its statements, and its code is compiled, as in a server that has run for a while. */
const warmUpRounds = 2;
/** How many claims one side makes before the other has its turn. */
const turn = 20;

/** Tells a process that its flushes are slow. */
const slowFlag = "--slow";
const isSlowRun = process.argv.includes(slowFlag);

type Synchronous = "full" | "normal";

/** A store in which every session may claim a task: its file, and the sessions. */
interface Scene {
  readonly folder: string;
  readonly file: string;
  readonly callers: readonly Caller[];
}

/**
 * The claim of a task (pick, leases, reservation, event) through the core, over the same statements with the same parameters run by hand.
 * What the claim runs is recorded from the driver, so both sides do the same in the database.
 */
async function main(): Promise<void> {
  await inFolder(async (folder) => {
    const scene = await prepare(folder);
    const transactions = await record(scene);
    const statements = transactions.flat().length / transactions.length;
    const figures: Figure[] = [];
    for (const synchronous of isSlowRun ? (["full"] as const) : (["normal", "full"] as const)) {
      figures.push(...(await compare(scene, transactions, synchronous)));
    }
    if (isSlowRun) {
      report(figures);
      return;
    }
    const slow = canSlowDisk() ? onSlowDisk(folder) : [];
    const count = { name: "statements a claim", value: statements, unit: "", target: null };
    report([...figures, ...slow, count]);
  });
}

/** How much longer a flush takes in a slow run, in milliseconds: as on the disks of laptops, which take 1 to 5. */
const slowerMs = 1;

/** Both sides once more where each flush takes longer, in a process that was loaded so. */
function onSlowDisk(folder: string): readonly Figure[] {
  const flags = [...process.argv.slice(2), slowFlag];
  const said = execFileSync(process.execPath, [import.meta.filename, ...flags], {
    env: { ...process.env, ...slowDisk(folder, slowerMs) },
    encoding: "utf8",
  });
  const line = said.split("\n").find((each) => each.startsWith(figuresMark)) ?? figuresMark;
  const figures: readonly Figure[] = JSON.parse(line.slice(figuresMark.length));
  const kind = `${String(slowerMs)} ms more a flush`;
  return figures.map((figure) => ({ ...figure, name: `${figure.name}, ${kind}` }));
}

async function prepare(folder: string): Promise<Scene> {
  const file = join(folder, "base", "skein.db");
  const stand = await openStand({ file, synchronous: "normal" });
  const tasks = Array.from({ length: claims + 50 }, (_, at) => aTask(`T${String(at + 1)}`));
  const draft = aPlan(tasks, { budgetMicroUsd: 1_000_000_000 });
  await stand.dispatch.importPlan(draft, { actor: "system" });
  const callers = await joinMany(stand, claims);
  await stand.store.maintenance.tidy();
  await stand.close();
  return { folder, file, callers };
}

/** A copy of the prepared store, for one run. */
function copyOf({ folder, file }: Scene, name: string): string {
  const copy = join(folder, `${name}.db`);
  copyFileSync(file, copy);
  return copy;
}

let copies = 0;

function nextCopy(scene: Scene): string {
  copies += 1;
  return copyOf(scene, `run-${String(copies)}`);
}

/** The statements of each claim. */
async function record(scene: Scene): Promise<readonly (readonly Ran[])[]> {
  const recording = createRecording();
  const stand = await openStand({
    file: nextCopy(scene),
    synchronous: "normal",
    openDriver: recording.open,
  });
  recording.take();
  const transactions: (readonly Ran[])[] = [];
  for (const caller of scene.callers) {
    await claim(stand, caller);
    transactions.push(recording.take());
  }
  await stand.close();
  if (process.argv.includes("--show")) {
    console.log(transactions[10]?.map(({ how, sql }) => `${how} ${sql}`).join("\n"));
  }
  return transactions;
}

async function claim(stand: Stand, caller: Caller): Promise<void> {
  const outcome = await stand.dispatch.nextTask(nextOf(caller));
  if (outcome.claim === null) {
    throw new Error("A claim of the bench found no task.");
  }
}

async function compare(
  scene: Scene,
  transactions: readonly (readonly Ran[])[],
  synchronous: Synchronous,
): Promise<readonly Figure[]> {
  const byHand: number[] = [];
  const through: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const took = await inTurns(scene, transactions, synchronous);
    byHand.push(...(round < warmUpRounds ? [] : took.byHand));
    through.push(...(round < warmUpRounds ? [] : took.through));
  }
  const name = synchronous.toUpperCase();
  // What else runs on the machine only ever adds time, and it adds more where code is still being compiled.
  const [hand, core] = [quantile(byHand, 0.25), quantile(through, 0.25)];
  return [
    {
      name: `claim over hand-written, ${name}`,
      value: rounded(hand / core),
      unit: "x",
      target: atLeast(synchronous === "full" ? 0.8 : 0.6),
    },
    { name: `claim, ${name}`, value: rounded(core), unit: "us", target: null },
    { name: `by hand, ${name}`, value: rounded(hand), unit: "us", target: null },
  ];
}

/** Microseconds of each claim, by hand and through the core, on two copies of the store: some claims here, the same claims there. */
async function inTurns(
  scene: Scene,
  transactions: readonly (readonly Ran[])[],
  synchronous: Synchronous,
): Promise<{ readonly byHand: readonly number[]; readonly through: readonly number[] }> {
  const hand = openHand(nextCopy(scene), transactions, synchronous);
  const stand = await openStand({ file: nextCopy(scene), synchronous });
  const [byHand, through]: [number[], number[]] = [[], []];
  for (let from = 0; from < claims; from += turn) {
    for (const transaction of transactions.slice(from, from + turn)) {
      const start = performance.now();
      hand.run(transaction);
      byHand.push((performance.now() - start) * 1_000);
    }
    for (const caller of scene.callers.slice(from, from + turn)) {
      const start = performance.now();
      await claim(stand, caller);
      through.push((performance.now() - start) * 1_000);
    }
  }
  hand.close();
  await stand.close();
  return { byHand, through };
}

await main();
