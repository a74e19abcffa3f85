import { beforeEach, describe, expect, test, vi } from "vitest";
import type { GenerateRequest } from "../../../src/core/models/index.ts";
import { parsePathPattern } from "../../../src/core/leases/index.ts";
import { createPlanner } from "../../../src/core/planner/index.ts";
import type {
  DraftRequest,
  DraftResult,
  Planner,
  PlannerModels,
} from "../../../src/core/planner/index.ts";
import { aCaller, createStand } from "../../support/coordination.ts";
import type { CoordinationStand } from "../../support/coordination.ts";
import { createManualTimer } from "../../support/manual-timer.ts";
import { aGeneration, aModel, failure, scriptedModel } from "../../support/models.ts";
import type { ScriptedModel } from "../../support/models.ts";
import { openMemoryStore } from "../../support/stores.ts";
import { createSeededRandom } from "../../support/virtual-time.ts";
import { aReply, aReplyTask, anIssue, files, policy } from "./builders.ts";

const person = "person:ann" as const;
const goal = { kind: "goal", file: null, text: "Show gross prices" } as const;

let stand: CoordinationStand;
let commit: string;
let text: string | null;

beforeEach(async () => {
  stand = await createStand(openMemoryStore);
  commit = "c0ffee";
  text = null;
});

function aPlanner(
  model: ScriptedModel = scriptedModel(),
  { timer, tryMs }: Pick<PlannerModels, "timer" | "tryMs"> = {
    timer: createManualTimer(),
    tryMs: 30_000,
  },
): Planner {
  return createPlanner({
    ...stand,
    parsePath: parsePathPattern,
    policy,
    random: createSeededRandom(7),
    importPlan: async (plan, options) => stand.dispatch.importPlan(plan, options),
    readBase: () => Promise.resolve({ commit, paths: files }),
    models: () =>
      Promise.resolve({
        port: model,
        planner: aModel(),
        cheap: aModel({ name: "haiku", size: "small" }),
        timer,
        tryMs,
        billOf: () => {
          const calls = model.requests.length;
          return Promise.resolve({ calls, microUsd: calls * 10, inputTokens: 0, outputTokens: 0 });
        },
      }),
    price: () => Promise.resolve(null),
    readText: () => Promise.resolve(text),
  });
}

/** A model that gives these answers, one after the other. */
function answering(...answers: readonly string[]): ScriptedModel {
  return scriptedModel((request, call) =>
    aGeneration(request, { text: answers[call - 1] ?? answers.at(-1) ?? "" }),
  );
}

async function draft(planner: Planner, odd: Partial<DraftRequest> = {}): Promise<DraftResult> {
  const { signal } = new AbortController();
  return planner.draft({ source: goal, actor: person, signal, ...odd });
}

function lastTurn({ messages }: GenerateRequest): string {
  return messages.at(-1)?.text ?? "";
}

const twoTasks = aReply([
  aReplyTask("rules", { scope: ["src/price/**"], new_paths: [] }),
  aReplyTask("cart", { scope: ["src/cart.ts"], new_paths: [], depends_on: ["rules"] }),
]);

describe("draft", () => {
  test("reads a checklist without a model", async () => {
    const model = scriptedModel();
    const result = await draft(aPlanner(model), { source: anIssue("checkout-tax") });

    expect(result).toMatchObject({ origin: "reader", plan: { id: "checkout-tax" } });
    expect(result.preview.schedule).toMatchObject({ criticalPath: ["T1", "T2"], width: 2 });
    expect(result.drafting.notes).toContain(
      "T2: src/cart/view.ts is not in the tree; it counts as new.",
    );
    expect(model.requests).toEqual([]);
  });

  test("has a goal planned by the model, and changes nothing but the drafts", async () => {
    const result = await draft(aPlanner(answering(`Here it is:\n${twoTasks}`)));

    expect(result).toMatchObject({
      origin: "model",
      plan: { id: "show-gross-prices", isSplit: true },
      drafting: { repairs: 0, planners: 1, cost: { calls: 1, microUsd: 10 } },
      wouldImport: { isNewPlan: true, created: ["rules", "cart"] },
    });
    expect(await stand.store.read((reader) => stand.plans.listPlans(reader))).toEqual([]);
  });

  test("has a circle and an overlap mended by the model that made them", async () => {
    const circle = aReply([
      aReplyTask("rules", { scope: ["src/price/**"], new_paths: [], depends_on: ["cart"] }),
      aReplyTask("cart", { scope: ["src/cart.ts"], new_paths: [], depends_on: ["rules"] }),
    ]);
    const overlap = aReply([
      aReplyTask("rules", { scope: ["src/price/**"], new_paths: [] }),
      aReplyTask("round", { scope: ["src/price/round.ts"], new_paths: [] }),
    ]);
    const model = answering(circle, overlap, twoTasks);
    const result = await draft(aPlanner(model));

    expect(result.drafting).toMatchObject({ repairs: 2, notes: [] });
    expect(result.plan.tasks.map(({ id }) => id)).toEqual(["rules", "cart"]);
    expect(lastTurn(model.requests[1] ?? model.requests[0] ?? never())).toContain(
      "rules -> cart -> rules",
    );
    expect(lastTurn(model.requests[2] ?? never())).toContain("share paths");
    expect(model.requests.map(({ tag }) => tag.occurrence)).toEqual([1, 2, 3]);
  });

  test("orders by itself what still overlaps after two repairs, and says so", async () => {
    const overlap = aReply([
      aReplyTask("rules", { scope: ["src/price/**"], new_paths: [] }),
      aReplyTask("round", { scope: ["src/price/round.ts"], new_paths: [] }),
    ]);
    const result = await draft(aPlanner(answering(overlap)));

    expect(result.plan.tasks[1]?.dependsOn).toEqual(["rules"]);
    expect(result.drafting.notes).toEqual([expect.stringContaining("round waits for rules now")]);
  });

  test("asks a model that refuses no second time", async () => {
    const model = scriptedModel((request) =>
      aGeneration(request, { text: "I will not.", finish: "refusal" }),
    );

    await expect(draft(aPlanner(model))).rejects.toMatchObject({
      code: "SKN-0841",
      message: "No answer of the model was a plan. The model refused to answer.",
      facts: { cost_micro_usd: 10 },
    });
    expect(model.requests).toHaveLength(1);
  });

  test("gives up after two repairs, with every fault that is left", async () => {
    const filler = aReply([aReplyTask("x", { title: "Improve code quality" })]);
    const model = answering(filler);

    await expect(draft(aPlanner(model))).rejects.toMatchObject({
      code: "SKN-0841",
      facts: { faults: [{ rule: "filler", tasks: ["x"] }], cost_micro_usd: 30 },
    });
    expect(model.requests).toHaveLength(3);
  });

  test.each([["I will not."], ["[]"], ['{"split": true}'], ["{".repeat(5_000)], ["null"], [""]])(
    "takes %j for no plan",
    async (answer) => {
      await expect(draft(aPlanner(answering(answer)))).rejects.toMatchObject({ code: "SKN-0841" });
    },
  );

  test("takes 'do not split' for an answer", async () => {
    const whole = aReply([aReplyTask("all", { minutes: 600 })], {
      split: false,
      reason: "One file.",
    });
    const result = await draft(aPlanner(answering(whole)));

    expect(result.plan).toMatchObject({ isSplit: false, reason: "One file." });
  });

  test("has the parts of a large goal planned at the same time by the cheap model, and merges them", async () => {
    const model = scriptedModel((request) => {
      const part = /^\[begin parts [^\n]*\n([a-z-]+): /mu.exec(lastTurn(request))?.[1] ?? "";
      const others = part === "index" ? [] : ["index"];
      return aGeneration(request, {
        text: aReply([
          aReplyTask("fold", {
            title: `Fold words in the ${part}`,
            scope: [`src/${part}/`],
            new_paths: [`src/${part}/`],
            depends_on: others,
          }),
          aReplyTask("test", {
            title: `Try umlauts in the ${part}`,
            scope: [`test/${part}/`],
            new_paths: [`test/${part}/`],
            depends_on: ["fold"],
          }),
        ]),
      });
    });
    const result = await draft(aPlanner(model), { source: anIssue("search-rewrite") });

    expect(model.requests.map(({ model: { name }, tag }) => [name, tag.seat])).toEqual([
      ["haiku", "planner:index"],
      ["haiku", "planner:query"],
      ["haiku", "planner:ranking"],
      ["haiku", "planner:page"],
    ]);
    expect(result.drafting).toMatchObject({ planners: 4, repairs: 0 });
    expect(result.plan.tasks.filter(({ parent }) => parent === null)).toHaveLength(4);
    expect(result.plan.tasks.find(({ id }) => id === "query.fold")?.dependsOn).toEqual(["index"]);
    expect(result.preview.schedule.width).toBe(3);
  });

  test("tells what a model's failure was, in the catalogue's words", async () => {
    const model = scriptedModel(() => Promise.reject(failure("budget")));

    await expect(draft(aPlanner(model))).rejects.toMatchObject({ code: "SKN-6751" });
  });

  test.each([
    ["a goal, of three questions", { source: goal, tryMs: 30_000, draftMs: 480_000 }],
    [
      "four parts, of six questions",
      { source: anIssue("search-rewrite"), tryMs: 30_000, draftMs: 660_000 },
    ],
    ["three rounds of slow tries", { source: goal, tryMs: 600_000, draftMs: 7_230_000 }],
  ])("ends a late draft with what it cost: %s", async (_, { source, tryMs, draftMs }) => {
    const timer = createManualTimer();
    const model = scriptedModel(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(failure("aborted")), { once: true });
        }),
    );
    const onLate = vi.fn<(error: unknown) => void>();
    const ended = draft(aPlanner(model, { timer, tryMs }), { source }).catch(onLate);
    await vi.waitFor(() => expect(model.requests).not.toEqual([]));
    await timer.advance(draftMs - 1);

    expect(onLate).not.toHaveBeenCalled();

    await timer.advance(1);
    await ended;

    expect(onLate.mock.calls[0]?.[0]).toMatchObject({
      code: "SKN-8841",
      message: `No plan was drafted within ${String(draftMs / 1_000)} seconds.`,
      facts: { cost_micro_usd: 10 * model.requests.length },
    });
    expect(timer.sleepers()).toBe(0);
  });

  test("lets nothing wait once a draft is there", async () => {
    const timer = createManualTimer();
    await draft(aPlanner(answering(twoTasks), { timer, tryMs: 30_000 }));

    expect(timer.sleepers()).toBe(0);
  });

  test("foretells which tasks meet leases that live", async () => {
    const planner = aPlanner(answering(twoTasks));
    await stand.dispatch.claimFiles({
      caller: aCaller("grace"),
      paths: ["src/cart.ts"],
      mode: "exclusive",
      reason: "mending",
      durationMs: null,
      origin: "files",
      waitMs: 0,
      key: null,
      signal: null,
    });
    const result = await draft(planner);

    expect(result.preview.collisions).toMatchObject([
      { task: "cart", path: "src/cart.ts", held: "src/cart.ts", session: "s1" },
    ]);
  });
});

describe("approve", () => {
  test("takes the plan in under its keys, and again changes nothing", async () => {
    const planner = aPlanner(answering(twoTasks));
    const { hash } = await draft(planner);

    expect(await planner.approve({ hash: hash.slice(0, 8), actor: person })).toMatchObject({
      isAgain: false,
      result: { plan: "show-gross-prices", created: ["rules", "cart"] },
    });
    expect(await planner.approve({ hash, actor: person })).toMatchObject({
      isAgain: true,
      result: { created: [], unchanged: ["rules", "cart"] },
    });
    const tasks = await stand.store.read((reader) => stand.plans.listTasks(reader, {}));
    expect(tasks.map(({ id, files: scope, verify }) => [id, scope, verify])).toEqual([
      ["rules", ["src/price/**"], "merge"],
      ["cart", ["src/cart.ts"], "merge"],
    ]);
  });

  test("updates in place when the goal is drafted again, whose planner sees the keys that exist", async () => {
    const more = aReply([
      aReplyTask("rules", { scope: ["src/price/**"], new_paths: [], minutes: 60 }),
      aReplyTask("mail", { scope: ["src/mail/**"], new_paths: [] }),
    ]);
    const model = answering(twoTasks, more);
    const planner = aPlanner(model);
    await planner.approve({ hash: (await draft(planner)).hash, actor: person });
    const again = await draft(planner);

    expect(lastTurn(model.requests[1] ?? never())).toContain("rules: Give rules its tax rate");
    expect(again.wouldImport).toMatchObject({
      isNewPlan: false,
      created: ["mail"],
      updated: ["rules"],
      canceled: ["cart"],
    });
  });

  test("refuses a draft whose base has moved, and one whose text has changed or gone", async () => {
    const planner = aPlanner();
    const source = anIssue("checkout-tax");
    ({ text } = source);
    const { hash } = await draft(planner, { source });

    commit = "dead";
    await expect(planner.approve({ hash, actor: person })).rejects.toMatchObject({
      code: "SKN-4841",
      facts: { base: "c0ffee", now: "dead" },
    });
    commit = "c0ffee";
    text += "\n- [ ] Pay me";
    await expect(planner.approve({ hash, actor: person })).rejects.toThrow("has changed since");
    text = null;
    await expect(planner.approve({ hash, actor: person })).rejects.toThrow("has gone since");
    expect(await stand.store.read((reader) => stand.plans.listPlans(reader))).toEqual([]);
  });

  test("names a draft by plan, text and base", async () => {
    const planner = aPlanner(answering(twoTasks));
    const first = await draft(planner);
    const same = await draft(planner);
    commit = "dead";
    const moved = await draft(planner);
    const otherText = await draft(planner, {
      source: { ...goal, text: "Show gross  prices" },
    });

    expect(same.hash).toBe(first.hash);
    expect(new Set([first.hash, moved.hash, otherText.hash]).size).toBe(3);
  });

  test.each([
    ["zz", "SKN-1844"],
    ["abc", "SKN-1844"],
    ["00000000", "SKN-5841"],
    ["'; DROP TABLE plan_drafts; --", "SKN-1844"],
  ])("answers %j with %s", async (hash, code) => {
    await expect(aPlanner().approve({ hash, actor: person })).rejects.toMatchObject({ code });
  });
});

function never(): never {
  throw new Error("the model was asked less often");
}
