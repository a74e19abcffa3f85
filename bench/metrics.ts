import { join } from "node:path";
import { systemTimer } from "../src/adapters/process/timer.ts";
import { residentBytes } from "../src/adapters/process/memory.ts";
import { meterModels } from "../src/core/index.ts";
import { createMeter, createMetrics, createRecorder } from "../src/core/metrics/index.ts";
import type { Recorder } from "../src/core/metrics/index.ts";
import { createModels } from "../src/core/models/index.ts";
import type { LanguageModel, OnModelEvent } from "../src/core/models/index.ts";
import { systemRandom } from "../src/adapters/process/clock.ts";
import type { Caller } from "../src/core/dispatch/index.ts";
import { aGeneration, aModel, aRequest } from "../test/support/models.ts";
import { atLeast, isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import { aPlan, aTask, inFolder, joinMany, nextOf, openStand } from "./support/stand.ts";
import type { Stand } from "./support/stand.ts";
import { quantile, rounded } from "./support/statistics.ts";
import { uncountedLedger } from "./support/uncounted-ledger.ts";

const claims = isQuick ? 400 : 1_200;
const rounds = isQuick ? 2 : 5;
const warmUp = 100;
const modelCalls = isQuick ? 2_000 : 10_000;

/** Who takes part; `control` is `without` once more: how far it is from that tells how much is noise. */
const sideNames = ["with", "without", "control"] as const;
type SideName = (typeof sideNames)[number];

/** Microseconds of each call. */
type Sides = Readonly<Record<SideName, number[]>>;

/**
 * The same work with and without metrics, call by call in one run: a claim through a store that is metered, under the measuring of the tool
 * call around it; a call of a model that answers at once, so that nothing hides what the policies cost.
 */
async function main(): Promise<void> {
  const figures: Figure[] = [];
  await inFolder(async (folder) => {
    const claimed: Sides = { with: [], without: [], control: [] };
    for (let round = 0; round < rounds; round += 1) {
      await measureClaims(join(folder, String(round)), claimed);
    }
    figures.push(...figuresOf("claim", claimed, atLeast(0.99)));
  });
  figures.push(...(await measureModels()), await measureFlush());
  report(figures);
}

async function measureClaims(folder: string, sides: Sides): Promise<void> {
  const measured = await aSide(join(folder, "with", "skein.db"), true);
  const plain = await aSide(join(folder, "without", "skein.db"), false);
  const control = await aSide(join(folder, "control", "skein.db"), false);
  await inTurns(claims, sides, {
    with: async (at) => measured.claimUs(at),
    without: async (at) => plain.claimUs(at),
    control: async (at) => control.claimUs(at),
  });
  for (const side of [measured, plain, control]) {
    await side.close();
  }
}

type Timed = Readonly<Record<SideName, (at: number) => Promise<number>>>;

/** One call of each side after the other; who comes first changes, so that none always finds the caches warm. */
async function inTurns(count: number, sides: Sides, timed: Timed): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    for (let turn = 0; turn < sideNames.length; turn += 1) {
      const side = sideNames[(at + turn) % sideNames.length] ?? "with";
      const us = await timed[side](at);
      sides[side].push(...(at < warmUp ? [] : [us]));
    }
  }
}

interface Side {
  claimUs(at: number): Promise<number>;
  close(): Promise<void>;
}

async function aSide(file: string, isMetered: boolean): Promise<Side> {
  const stand = await openStand({ file, synchronous: "normal", isMetered });
  const tasks = Array.from({ length: claims }, (_none, at) => aTask(`T${String(at + 1)}`));
  await stand.dispatch.importPlan(aPlan(tasks), { actor: "system" });
  const callers = await joinMany(stand, claims);
  const recorder = isMetered ? recorderOf(stand) : null;
  return {
    claimUs: async (at) => claimUs(stand, recorder, callers[at]),
    close: async () => {
      await recorder?.close();
      await stand.close();
    },
  };
}

function recorderOf(stand: Pick<Stand, "metrics" | "store">): Recorder {
  return createRecorder({
    metrics: stand.metrics,
    meter: createMeter(),
    store: stand.store,
    timer: systemTimer,
    memoryBytes: residentBytes,
  });
}

/** One claim, with what a tool call measures around it. */
async function claimUs(
  stand: Stand,
  recorder: Recorder | null,
  caller: Caller | undefined,
): Promise<number> {
  if (caller === undefined) {
    throw new Error("The bench has no session left.");
  }
  const start = performance.now();
  const { claim } = await stand.dispatch.nextTask(nextOf(caller));
  recorder?.note("tool_call", { tool: "next_task", outcome: "ok" }, performance.now() - start);
  const us = (performance.now() - start) * 1_000;
  if (claim === null) {
    throw new Error("A claim of the bench found no task.");
  }
  return us;
}

async function measureModels(): Promise<readonly Figure[]> {
  const meter = createMeter();
  const measured = await aPort(meterModels(meter));
  const plain = await aPort(undefined);
  const control = await aPort(undefined);
  const sides: Sides = { with: [], without: [], control: [] };
  await inTurns(modelCalls, sides, {
    with: async () => callUs(measured),
    without: async () => callUs(plain),
    control: async () => callUs(control),
  });
  const added = usual(sides.with) - usual(sides.without);
  // Nobody's model answers at once; the quickest that people use take some tenths of a second.
  const share = 1 - Math.max(0, added) / 100_000;
  return [
    ...figuresOf("call of a model that answers at once", sides, null),
    {
      name: "call of a model that answers in 100 ms, without over with",
      value: rounded(share),
      unit: "x",
      target: atLeast(0.99),
    },
  ];
}

async function callUs(port: LanguageModel): Promise<number> {
  const start = performance.now();
  await port.generate(aRequest());
  return (performance.now() - start) * 1_000;
}

function aPort(onEvent: OnModelEvent | undefined): Promise<LanguageModel> {
  return createModels({
    providers: { generate: (request) => Promise.resolve(aGeneration(request)) },
    models: [aModel()],
    policyOf: () => ({
      rate: { tier: null, cap: null, mayQueue: true },
      concurrency: 20,
      timeoutMs: 30_000,
    }),
    chains: {},
    redactor: { redact: (text) => Promise.resolve({ text, found: [] }) },
    ledger: uncountedLedger,
    tape: null,
    tries: "by-cause",
    timer: systemTimer,
    random: systemRandom,
    onEvent,
  });
}

/** A flush of 30 series that were there before, once a minute: the share of a minute that it takes. */
async function measureFlush(): Promise<Figure> {
  return inFolder(async (folder) => {
    const stand = await openStand({ file: join(folder, "skein.db"), synchronous: "full" });
    const metrics = createMetrics();
    const tooks: number[] = [];
    for (let flush = 0; flush < 50; flush += 1) {
      const meter = createMeter();
      for (let at = 0; at < 3_000; at += 1) {
        meter.note("tool_call", { tool: `t${String(at % 30)}`, outcome: "ok" }, at * flush);
      }
      const samples = meter.take();
      const start = performance.now();
      await stand.store.write(async (tx) => metrics.add(tx, samples));
      tooks.push(performance.now() - start);
    }
    await stand.close();
    return {
      name: "flush of 30 series, once a minute a process",
      value: rounded(quantile(tooks, 0.5)),
      unit: "ms",
      target: { bound: "at most", value: 600 },
    };
  });
}

/** Throughput with metrics over that without. */
function figuresOf(name: string, sides: Sides, target: Figure["target"]): readonly Figure[] {
  const [measured, plain, control] = [
    usual(sides.with),
    usual(sides.without),
    usual(sides.control),
  ];
  return [
    {
      name: `${name}, with metrics over without`,
      value: rounded(plain / measured),
      unit: "x",
      target,
    },
    {
      name: `${name}, without over without: the noise`,
      value: rounded(plain / control),
      unit: "x",
      target: null,
    },
    { name: `${name}, without`, value: rounded(plain), unit: "us", target: null },
    { name: `${name}, with`, value: rounded(measured), unit: "us", target: null },
  ];
}

/** What else runs on the machine only ever adds time. */
function usual(times: readonly number[]): number {
  return quantile(times, 0.1);
}

await main();
