import { readFileSync } from "node:fs";
import { createTree } from "../../../src/core/planner/checks/tree.ts";
import type { Tree } from "../../../src/core/planner/checks/tree.ts";
import { bareTask } from "../../../src/core/planner/draft.ts";
import type { DraftPlan, DraftTask, PlanSource } from "../../../src/core/planner/draft.ts";
import type { PlanReply } from "../../../src/core/planner/prompts/reply-shape.ts";
import { createTextIntersector, parsePathPattern } from "../../../src/core/leases/index.ts";
import type { OverlapSearch } from "../../../src/core/plans/index.ts";

export const policy = { caseInsensitive: false };

/** The repository that the drafts of the tests are about. */
export const files = [
  "README.md",
  "src/cart.ts",
  "src/price/rules.ts",
  "src/price/round.ts",
  "src/mail/send.ts",
];

export function aTree(paths: readonly string[] = files): Tree {
  return createTree({ paths, policy, parse: parsePathPattern });
}

export const overlaps: OverlapSearch = () => createTextIntersector(parsePathPattern, policy);

/** A task that nothing is wrong with, and what is odd about it. */
export function aDraftTask(id: string, odd: Partial<DraftTask> = {}): DraftTask {
  return {
    ...bareTask(id, `Give ${id} its tax rate`),
    outcome: `${id} knows its tax rate.`,
    scope: [`src/${id}/`],
    fresh: [`src/${id}/`],
    ...odd,
  };
}

export function aDraftPlan(tasks: readonly DraftTask[], odd: Partial<DraftPlan> = {}): DraftPlan {
  return { id: "tax", title: "Tax", isSplit: true, reason: "", tasks, ...odd };
}

type ReplyTask = PlanReply["tasks"][number];

/** A task as a model says it. */
export function aReplyTask(key: string, odd: Partial<ReplyTask> = {}): ReplyTask {
  return {
    key,
    title: `Give ${key} its tax rate`,
    outcome: `${key} knows its tax rate.`,
    parent: null,
    operations: [],
    scope: [`src/${key}/`],
    new_paths: [`src/${key}/`],
    accept: [],
    validate: [],
    minutes: 30,
    depends_on: [],
    skills: [],
    priority: "medium",
    ...odd,
  };
}

/** A model's answer. */
export function aReply(tasks: readonly ReplyTask[], odd: Partial<PlanReply> = {}): string {
  return JSON.stringify({ split: true, reason: "It has parts.", title: "Tax", tasks, ...odd });
}

export function issueText(name: string): string {
  return readFileSync(new URL(`issues/${name}.md`, import.meta.url), "utf8");
}

export function anIssue(name: string): PlanSource {
  return { kind: "issue", file: `${name}.md`, text: issueText(name) };
}
