import { z } from "zod";

import { findCycle } from "../plans/index.ts";
import type { ProposedDraft } from "./preview.ts";

const text = z.string().max(65_536);
const word = z.string().max(1_024);
const words = z.array(word).max(500).readonly();
const count = z.int().min(0);
/** No plan costs a million dollars, and sums of them stay exact. */
const money = z.int().min(0).max(1_000_000_000_000);

const operation = z.strictObject({
  path: word,
  action: z.enum(["create", "edit", "delete"]),
  lines: z.strictObject({ from: count, to: count }).nullable(),
  form: z.enum(["intent", "diff"]),
  text,
});

const task = z.strictObject({
  id: word,
  title: word,
  outcome: text,
  operations: z.array(operation).max(500).readonly(),
  scope: words,
  fresh: words,
  accept: z.array(text).max(100).readonly(),
  validate: z.array(text).max(100).readonly(),
  minutes: z.number().min(0).max(1_000_000),
  dependsOn: words,
  skills: words,
  parent: word.nullable(),
  priority: z.enum(["critical", "high", "medium", "low"]),
  details: text,
  budgetMicroUsd: money.nullable(),
  notBeforeMs: z.number().nullable(),
  isDone: z.boolean(),
});

const plan = z.strictObject({
  id: word,
  title: word,
  isSplit: z.boolean(),
  reason: text,
  tasks: z.array(task).max(500).readonly().refine(isForest).refine(isOrdered),
});

/** True where no task stands inside of itself. */
function isForest(
  tasks: readonly { readonly id: string; readonly parent: string | null }[],
): boolean {
  const parents = new Map(tasks.map(({ id, parent }) => [id, parent]));
  return tasks.every(({ id }) => {
    let [at, steps] = [parents.get(id) ?? null, 0];
    while (at !== null && steps <= tasks.length) {
      at = parents.get(at) ?? null;
      steps += 1;
    }
    return at === null;
  });
}

/** True where each task has a name of its own, and none waits for itself: what is approved can be made, and be done. */
function isOrdered(tasks: readonly ProposedDraft["plan"]["tasks"][number][]): boolean {
  const names = new Set(tasks.map(({ id }) => id));
  return names.size === tasks.length && findCycle(tasks) === null;
}

const preview = z.strictObject({
  tree: words,
  schedule: z.strictObject({ criticalPath: words, minutes: z.number(), width: count }),
  estimate: z.strictObject({
    minutes: z.number(),
    inputTokens: count,
    outputTokens: count,
    microUsd: money.nullable(),
  }),
  collisions: z
    .array(z.strictObject({ task: word, path: word, lease: word, held: word, session: word }))
    .max(50)
    .readonly(),
});

const draft: z.ZodType<ProposedDraft> = z.object({
  base: z
    .string()
    .regex(/^[0-9a-f]{40,64}$/u)
    .nullable(),
  hash: z.string().regex(/^[0-9a-f]{8,64}$/u),
  plan,
  preview,
  source: z.strictObject({
    kind: z.enum(["goal", "issue", "spec"]),
    file: word.nullable(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/u),
  }),
  drafting: z.object({
    cost: z.object({ microUsd: money, inputTokens: count, outputTokens: count, calls: count }),
    notes: z.array(text).max(200).readonly(),
  }),
});

/** Reads a draft that another process made; null when it is none. Nothing in it is believed but its shape. */
export function parseProposedDraft(value: unknown): ProposedDraft | null {
  const parsed = draft.safeParse(value);
  return parsed.success ? parsed.data : null;
}
