import { describe, expect, test } from "vitest";

import { childrenOf } from "../../../src/core/decomposition/children-plan.ts";
import { parseProposedDraft } from "../../../src/core/decomposition/draft-schema.ts";
import { previewOf } from "../../../src/core/decomposition/preview.ts";
import { parseRepositoryName, referenceOf } from "../../../src/core/hosting/index.ts";
import { bareTask } from "../../../src/core/planner/draft.ts";
import type { DraftTask } from "../../../src/core/planner/draft.ts";

describe("a draft that somebody forged", () => {
  test.each([
    ["a task stands inside of itself", [aTask("a", { parent: "a" }), aTask("b")]],
    ["two stand inside of each other", [aTask("a", { parent: "b" }), aTask("b", { parent: "a" })]],
    ["two have one name", [aTask("a"), aTask("a", { scope: ["src/**"] })]],
    ["a task waits for itself", [aTask("a", { dependsOn: ["a"] }), aTask("b")]],
    [
      "two wait for each other",
      [aTask("a", { dependsOn: ["b"] }), aTask("b", { dependsOn: ["a"] })],
    ],
    ["it takes for ever", [aTask("a", { minutes: 1e308 }), aTask("b")]],
  ])("is none where %s", (_what, tasks) => {
    expect(parseProposedDraft(draftOf(tasks))).toBeNull();
  });

  test("names no other issue's plan", () => {
    const forged = parseProposedDraft(draftOf([aTask("a"), aTask("b")], "gh-2"));
    const issue = { number: 1, title: "Plan", body: "", isPullRequest: false };

    const { plan } = previewOf(
      issue,
      forged ?? never(),
      referenceOf(parseRepositoryName("ada/engine"), 1),
    );

    expect(plan.id).toBe("gh-1");
  });

  test("costs no more than a plan can", () => {
    const honest = draftOf([aTask("a"), aTask("b")]);
    const cost = { microUsd: 9e15, inputTokens: 0, outputTokens: 0, calls: 0 };
    expect(parseProposedDraft({ ...honest, drafting: { cost, notes: [] } })).toBeNull();
  });

  test("gives no child the name of another one's later attempt, however long it is", () => {
    const long = "k".repeat(45);
    const tasks = [aTask(long), aTask(`${long}.r2-and-more`)];

    const { children } = childrenOf(
      { id: "gh-1", title: "Plan", isSplit: true, reason: "", tasks },
      null,
    );

    expect(children.map(({ key }) => key)).toEqual([long, `${long}-r2`]);
  });

  test("is read where containers stand in containers", () => {
    const tasks = [aTask("a"), aTask("b", { parent: "a" }), aTask("c", { parent: "b" })];
    expect(parseProposedDraft(draftOf(tasks))?.plan.tasks).toHaveLength(3);
  });

  test("costs no more than its size, however deep and bound up its containers are", () => {
    // Without remembering what a container holds, the number of steps has hundreds of digits.
    const names = Array.from({ length: 200 }, (_, at) => `t${String(at)}`);
    const deep = names.map((id, at) =>
      aTask(id, { parent: names[at - 1] ?? null, dependsOn: names }),
    );

    const { children } = childrenOf(
      { id: "gh-1", title: "Deep", isSplit: true, reason: "", tasks: [...deep, aTask("last")] },
      null,
    );

    expect(children.map(({ key }) => key)).toEqual(["last", "t199"]);
    expect(children[1]?.dependsOn).toEqual(["t199"]);
  });
});

function aTask(id: string, over: Partial<DraftTask> = {}): DraftTask {
  return { ...bareTask(id, id), minutes: 30, ...over };
}

function never(): never {
  throw new Error("it was not read");
}

function draftOf(tasks: readonly DraftTask[], id = "gh-1"): object {
  return {
    base: null,
    hash: "a".repeat(64),
    plan: { id, title: "Plan", isSplit: true, reason: "", tasks },
    preview: {
      tree: [],
      schedule: { criticalPath: [], minutes: 60, width: 1 },
      estimate: { minutes: 60, inputTokens: 0, outputTokens: 0, microUsd: null },
      collisions: [],
    },
    source: { kind: "issue", file: null, sha256: "b".repeat(64) },
    drafting: { cost: { microUsd: 0, inputTokens: 0, outputTokens: 0, calls: 0 }, notes: [] },
  };
}
