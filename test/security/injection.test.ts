import { expect, test } from "vitest";
import { SkeinError } from "../../src/core/index.ts";
import { parsePathPattern } from "../../src/core/leases/index.ts";
import { parsePlan } from "../../src/core/plans/index.ts";
import { checkInvariants, readStateFacts } from "../../src/core/upkeep/index.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import { leastCpuMs } from "../support/cpu-time.ts";
import { createDice } from "../support/glob-oracle.ts";
import type { Dice } from "../support/glob-oracle.ts";
import { proofRun, replayLine } from "../support/proof.ts";
import { openMemoryStore } from "../support/stores.ts";

const { count, seed } = proofRun("T25", 2_000);
const policy = { caseInsensitive: false };

const parts = [
  "'",
  '"',
  ";--",
  "' OR '1'='1",
  "'; DROP TABLE tasks; --",
  "?",
  "$1",
  "\\",
  "%",
  "_",
  "{{",
  "}",
  "[",
  "]",
  "**",
  "*/",
  "(a+)+$",
  "__proto__",
  "constructor",
  "toString",
  "\u0000",
  "\u202E",
  "\uD800",
  "💥",
  "\n",
  "${x}",
  "a",
  "1e999",
];

function hostile(dice: Dice): string {
  return Array.from({ length: 1 + dice(4) }, () => parts[dice(parts.length)] ?? "").join("");
}

async function unlessRefused(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SkeinError) || error.kind === "failed") {
      throw error;
    }
  }
}

test(`T25: ${String(count)} hostile texts in every field change nothing but themselves (seed ${String(seed)})`, async () => {
  const stand = await createStand(openMemoryStore);
  const { dispatch } = stand;
  const dice = createDice(seed);
  await dispatch.importPlan(aPlan([aTask("T1"), aTask("T2")]), { actor: "person:ana" });
  for (let each = 0; each < count; each += 1) {
    const text = hostile(dice);
    const caller = aCaller("ada", { name: text, role: text, skills: [text], branch: text });
    stand.time.advance(1_000);
    const acts: readonly (() => Promise<unknown>)[] = [
      () => dispatch.nextTask(next(caller, { key: text, plan: text })),
      () => dispatch.nextTask(next(caller, { task: text })),
      () => dispatch.finishTask(finish(caller, { task: text, fence: each }, { summary: text })),
      () => dispatch.releaseFiles({ caller, leases: [text], key: text }),
      () => dispatch.check(null, [text]),
      () => dispatch.find({ ...caller, handle: text }),
      () =>
        dispatch.claimFiles({
          caller,
          paths: [text],
          mode: "exclusive",
          durationMs: 60_000,
          reason: text,
          waitMs: 0,
          origin: "files",
          key: text,
          signal: null,
        }),
    ];
    await unlessRefused(acts[dice(acts.length)] ?? (() => Promise.resolve()));
  }

  const facts = await stand.store.read((reader) => readStateFacts({ ...stand, policy }, reader));
  const replay = replayLine("T25", seed, "test/security/injection");
  expect(checkInvariants(facts), replay).toEqual([]);
  expect(facts.tasks.map(({ task }) => task.id)).toEqual(["T1", "T2"]);
});

test("T25: a pattern of a megabyte is refused within 50 ms of work", () => {
  const huge = "a*".repeat(500_000);

  expect(
    leastCpuMs(() => {
      expect(() => parsePathPattern(huge)).toThrow(SkeinError);
    }),
  ).toBeLessThan(50);
});

test.each([
  ["json", '{"plan":"p","tasks":[],"__proto__":{"polluted":1}}'],
  [
    "json",
    '{"plan":"p","tasks":[{"id":"T1","title":"x","constructor":{"prototype":{"polluted":1}}}]}',
  ],
  ["yaml", "plan: p\n__proto__:\n  polluted: 1\ntasks: []\n"],
  ["yaml", "plan: p\ntasks:\n  - id: T1\n    title: x\n    __proto__: {polluted: 1}\n"],
] as const)("T25: a plan's keys reach no prototype (%s)", (format, text) => {
  expect(() => parsePlan({ text, format })).toThrow(SkeinError);
  expect(Reflect.has({}, "polluted")).toBe(false);
});
