import { SkeinError } from "../../../src/core/base/errors.ts";
import { plannerErrors } from "../../../src/core/planner/index.ts";
import { createHmac, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { ProposedDraft } from "../../../src/core/decomposition/index.ts";
import { aDraftPlan, aDraftTask } from "../planner/builders.ts";
import { createDecompositionStand, issueBody } from "../../support/decomposition-stand.ts";
import type { DecompositionStand } from "../../support/decomposition-stand.ts";

const noSignal = new AbortController().signal;

/** What the planner made of the issue, and what a model might have made of it. */
async function draftOf(
  { planner, hub, number, plan }: DecompositionStand,
  odd: Partial<ProposedDraft["plan"]>,
): Promise<ProposedDraft> {
  const { title, body } = hub.issue(number);
  const source = { kind: "issue" as const, file: null, text: `# ${title}\n\n${body}` };
  const draft = await planner.draft({ source, id: plan, actor: "system", signal: noSignal });
  return { ...draft, plan: { ...draft.plan, ...odd } };
}

/** As if models had made it. */
function costing(draft: ProposedDraft, microUsd: number): ProposedDraft {
  return { ...draft, drafting: { ...draft.drafting, cost: { ...draft.drafting.cost, microUsd } } };
}

function sign(text: string): string {
  return createHmac("sha256", "key").update(text).digest("base64url");
}

/** Texts that nothing can pack. */
function noise(chars: number): string {
  return randomBytes(chars).toString("hex").slice(0, chars);
}

async function large(hasDatabase: boolean): Promise<DecompositionStand> {
  const items = Array.from({ length: 8 }, (_, at) => {
    const name = `part${String(at)}`;
    return `- [ ] Give ${name} ${noise(90)} (files: src/${name}/**)\n\n  ${noise(3_900)}\n`;
  });
  return createDecompositionStand({ body: items.join("\n"), hasDatabase });
}

function never(): boolean {
  return false;
}

async function nobody(): Promise<never> {
  return Promise.reject(new Error("Nobody asks."));
}

describe("propose", () => {
  test("shows tree, scopes, critical path, cost and hash in one comment, and creates nothing", async () => {
    const stand = await createDecompositionStand();
    const outcome = await stand.propose();
    const [comment] = stand.hub.comments(stand.number);

    expect(outcome).toMatchObject({ kind: "proposed", isWritten: true });
    expect(stand.hub.calls).toEqual([
      "self",
      "comments",
      "get",
      "self",
      "comments",
      "list",
      "comment",
    ]);
    expect(stand.hub.issues()).toHaveLength(1);
    expect(comment?.body).toContain("### A plan of 4 tasks");
    expect(comment?.body).toContain(
      "- `T2` **Round gross prices to the cent** (M, 30 min, about 23,000 tokens, after `T1`)\n  - scope: `src/price/round.ts`",
    );
    expect(comment?.body).toContain("Work: 120 min, about 92,001 tokens");
    expect(comment?.body).toContain(
      "Critical path: `T1` → `T2` → `T3`, 100 min. At most 2 at once.",
    );
    expect(comment?.body).toMatch(/```\n\/skein approve [0-9a-f]{40}\n```/u);
  });

  test("says the same twice without a second comment or an edit", async () => {
    const stand = await createDecompositionStand();
    await stand.propose();
    stand.hub.calls.length = 0;

    expect(await stand.propose()).toMatchObject({ kind: "proposed", isWritten: false });
    expect(stand.hub.calls).toEqual(["self", "comments", "get", "self", "comments", "list"]);
  });

  test("leaves what was approved and created while it was planned", async () => {
    const stand = await createDecompositionStand();
    const late = costing(await draftOf(stand, {}), 40_000);
    const draft = async (): Promise<ProposedDraft> => {
      await stand.create();
      return late;
    };

    const outcome = await stand.decomposition.propose({ issue: stand.number, draft });

    expect(outcome).toMatchObject({ kind: "already", children: [...stand.children().values()] });
    expect(stand.hub.comments(stand.number)).toHaveLength(1);
    expect(await stand.decomposition.sync({ issue: stand.number })).toMatchObject({
      kind: "synced",
    });
  });

  test("writes nothing over what it cannot read, when no plan comes of it", async () => {
    const stand = await createDecompositionStand();
    const draft = async (): Promise<never> => {
      await stand.create();
      stand.hub.failAt(1, "before");
      throw new SkeinError(plannerErrors.unsafePlan, { facts: { cost_micro_usd: 5_000 } });
    };

    const failed = stand.decomposition.propose({ issue: stand.number, draft });

    await expect(failed).rejects.toMatchObject({ code: plannerErrors.unsafePlan.code });
    expect(stand.hub.comments(stand.number)).toHaveLength(1);
    expect(await stand.decomposition.sync({ issue: stand.number })).toMatchObject({
      kind: "synced",
    });
  });

  test("keeps the money that another run set aside while it was planned, also where no plan comes of it", async () => {
    const stand = await createDecompositionStand();
    const begin = async (run: string): Promise<void> => {
      await stand.decomposition.begin({
        issue: stand.number,
        run,
        microUsd: 70_000,
        isFree: never,
      });
    };
    const late = costing(await draftOf(stand, {}), 40_000);
    const draft = async (): Promise<ProposedDraft> => {
      await begin("one");
      return late;
    };
    const fail = async (): Promise<never> => {
      await begin("two");
      throw new SkeinError(plannerErrors.unsafePlan, { facts: { cost_micro_usd: 5_000 } });
    };

    await stand.decomposition.propose({ issue: stand.number, draft });
    const failed = stand.decomposition.propose({ issue: stand.number, draft: fail });

    await expect(failed).rejects.toThrow(SkeinError);
    expect((await stand.decomposition.standing(stand.number, null)).spent).toBe(
      2 * 70_000 + 40_000 + 5_000,
    );
  });

  test("takes the place of its last proposal when the issue has changed, and that hash approves nothing", async () => {
    const stand = await createDecompositionStand();
    await stand.propose();
    const hash = stand.shownHash();
    stand.hub.edit(stand.number, { body: `${issueBody}- [ ] Print it (files: README.md)\n` });
    await stand.propose();

    expect(stand.hub.comments(stand.number)).toHaveLength(1);
    expect(stand.shownHash()).not.toBe(hash);
    expect(await stand.decomposition.approve({ issue: stand.number, hash, by: stand.ann })).toEqual(
      { kind: "hash-mismatch", changed: ["plan"] },
    );
  });

  test("says that an issue is best done as one piece, and has nothing to approve", async () => {
    const stand = await createDecompositionStand();
    const reason = "Both halves change one table.";
    const draft = await draftOf(stand, { isSplit: false, reason, tasks: [aDraftTask("all")] });
    const request = { issue: stand.number, draft: async () => Promise.resolve(draft) };

    expect(await stand.decomposition.propose(request)).toMatchObject({ kind: "do-not-split" });
    expect(stand.hub.comments(stand.number)[0]?.body).toContain(reason);
    expect(stand.shownHash()).toBe("");
    expect(await stand.decomposition.sync({ issue: stand.number })).toEqual({
      kind: "do-not-split",
    });
  });

  test("makes one level of children: containers pass their dependencies on, ticked items make none", async () => {
    const stand = await createDecompositionStand();
    const tasks = [
      aDraftTask("first"),
      { ...aDraftTask("group"), scope: [], fresh: [], dependsOn: ["first"] },
      aDraftTask("left", { parent: "group" }),
      aDraftTask("right", { parent: "group", dependsOn: ["old"] }),
      aDraftTask("old", { isDone: true }),
      aDraftTask("last", { dependsOn: ["group"] }),
    ];
    const draft = await draftOf(stand, aDraftPlan(tasks, { id: stand.plan }));
    const outcome = await stand.decomposition.propose({
      issue: stand.number,
      draft: async () => Promise.resolve(draft),
    });
    const children = outcome.kind === "proposed" ? outcome.preview.plan.children : [];

    expect(children.map(({ key, dependsOn }) => [key, dependsOn])).toEqual([
      ["first", []],
      ["left", ["first"]],
      ["right", ["first"]],
      ["last", ["left", "right"]],
    ]);
  });

  test("refuses more than eight children", async () => {
    const body = Array.from(
      { length: 9 },
      (_, at) => `- [ ] Give part${String(at)} a rate (files: src/p${String(at)}/**)`,
    );
    const stand = await createDecompositionStand({ body: body.join("\n") });

    expect(await stand.propose()).toEqual({
      kind: "too-many",
      children: 9,
      most: 8,
      plannedMicroUsd: 0,
    });
    expect(stand.hub.comments(stand.number)).toEqual([]);
  });

  test("refuses a draft of what the issue no longer says", async () => {
    const stand = await createDecompositionStand();
    const draft = await draftOf(stand, {});
    stand.hub.edit(stand.number, { title: "Net prices" });

    expect(
      await stand.decomposition.propose({
        issue: stand.number,
        draft: async () => Promise.resolve(draft),
      }),
    ).toEqual({ kind: "stale", plannedMicroUsd: 0 });
  });

  test("counts what a draft cost that is not shown: without a database only the comment can", async () => {
    const stand = await createDecompositionStand({ hasDatabase: false });
    const draft = costing(await draftOf(stand, {}), 400_000);
    const { title } = stand.hub.issue(stand.number);
    const propose = async (made: ProposedDraft): Promise<unknown> =>
      stand.decomposition.propose({
        issue: stand.number,
        draft: async () => Promise.resolve(made),
      });

    stand.hub.edit(stand.number, { title: "Net prices" });
    const stale = await propose(draft);
    const [first] = stand.hub.comments(stand.number);
    stand.hub.edit(stand.number, { title });
    const many = Array.from({ length: 9 }, (_, at) => aDraftTask(`part${String(at)}`));
    const tooMany = await propose({ ...draft, plan: { ...draft.plan, tasks: many } });
    await propose(draft);
    stand.hub.edit(stand.number, { title: "Net prices" });
    const again = await propose(draft);
    const comments = stand.hub.comments(stand.number);

    expect([stale, tooMany, again]).toMatchObject([
      { kind: "stale" },
      { kind: "too-many", children: 9 },
      { kind: "stale" },
    ]);
    expect(first?.body).toMatch(/^### No plan yet\n\nThe issue changed .* cost 0\.40 USD/u);
    expect(comments).toHaveLength(1);
    expect(comments[0]?.body).toContain("### A plan of 4 tasks");
    expect(await stand.decomposition.spent(stand.number, null)).toBe(1_600_000);
  });

  test("counts what models cost of whose answers none was a plan, and lets the failure through", async () => {
    const stand = await createDecompositionStand({ hasDatabase: false });
    const error = new SkeinError(plannerErrors.unsafePlan, { facts: { cost_micro_usd: 250_000 } });
    const propose = async (): Promise<unknown> =>
      stand.decomposition.propose({
        issue: stand.number,
        draft: async () => Promise.reject(error),
      });

    await expect(propose()).rejects.toBe(error);
    await expect(propose()).rejects.toBe(error);

    const [comment, ...more] = stand.hub.comments(stand.number);
    expect(more).toEqual([]);
    expect(comment?.body).toContain("(SKN-0841), so that no plan is shown");
    expect(await stand.decomposition.spent(stand.number, null)).toBe(500_000);
  });

  test("counts what a plan cost that is too large for a comment", async () => {
    const stand = await large(false);
    const draft = costing(await draftOf(stand, {}), 400_000);
    const propose = stand.decomposition.propose({
      issue: stand.number,
      draft: async () => Promise.resolve(draft),
    });

    await expect(propose).rejects.toMatchObject({ code: "SKN-1661" });

    expect(await stand.decomposition.spent(stand.number, null)).toBe(400_000);
    expect(stand.hub.comments(stand.number)[0]?.body).toContain("too large for a comment");
  });

  test("settles a run that another job began, whatever came of it, and leaves those of others", async () => {
    const stand = await createDecompositionStand({ hasDatabase: false });
    const draft = costing(await draftOf(stand, {}), 400_000);
    const { decomposition, number: issue } = stand;
    const begin = async (run: string): Promise<boolean> =>
      decomposition.begin({ issue, run, microUsd: 2_000_000, isFree: () => false });
    const spent = async (): Promise<number> => decomposition.spent(issue, null);

    expect([await begin("one"), await begin("two")]).toEqual([true, true]);
    expect(stand.hub.comments(issue)[0]?.body).toContain("### A plan is being made");
    expect(await spent()).toBe(4_000_000);
    expect(await decomposition.standing(issue, "one")).toEqual({
      spent: 2_000_000,
      isMade: false,
    });
    await decomposition.propose({ issue, run: "one", draft: async () => Promise.resolve(draft) });
    expect(await spent()).toBe(2_400_000);
    const error = new SkeinError(plannerErrors.unsafePlan);
    const failing = decomposition.propose({
      issue,
      run: "two",
      draft: async () => Promise.reject(error),
    });
    await expect(failing).rejects.toBe(error);
    expect(await spent()).toBe(400_000);
    expect(stand.shownHash()).not.toBe("");
  });

  test("forgets the money of no run, however many were begun", async () => {
    const stand = await createDecompositionStand({ hasDatabase: false });
    const { decomposition, number: issue } = stand;
    for (let run = 0; run < 9; run += 1) {
      await decomposition.begin({
        issue,
        run: `run-${String(run)}`,
        microUsd: 1_000,
        isFree: () => false,
      });
    }

    expect(await decomposition.spent(issue, null)).toBe(9_000);
  });

  test("counts what a draft cost that comes when the children are there, and begins none then", async () => {
    const stand = await createDecompositionStand({ hasDatabase: false });
    const { decomposition, number: issue } = stand;
    const draft = costing(await draftOf(stand, {}), 400_000);
    const request = { issue, run: "late", draft: async () => Promise.resolve(draft) };
    await stand.propose();
    const most = { issue, microUsd: 2_000_000, isFree: () => false };
    await decomposition.begin({ ...most, run: "late" });
    await decomposition.approve({ issue, hash: stand.shownHash(), by: stand.ann });

    expect(await decomposition.propose(request)).toMatchObject({ kind: "already" });
    expect(await decomposition.spent(issue, null)).toBe(400_000);
    expect(await decomposition.begin({ ...most, run: "later" })).toBe(false);
  });

  test("plans nothing anew once the children are there, and asks no planner", async () => {
    const stand = await createDecompositionStand();
    await stand.create();
    const request = { issue: stand.number, draft: nobody };

    expect(await stand.decomposition.propose(request)).toMatchObject({
      kind: "already",
      children: [...stand.children().values()],
    });
  });

  test("lets nobody plan anew while an approved creation is half done", async () => {
    const stand = await createDecompositionStand();
    await stand.propose();
    const request = { issue: stand.number, hash: stand.shownHash(), by: stand.ann };
    stand.hub.failAt(7, "before");
    await stand.decomposition.approve(request).catch(() => null);
    stand.hub.failAt(0, "before");

    expect(await stand.propose()).toMatchObject({ kind: "under-way" });
  });

  test("is told that there is no such issue", async () => {
    const stand = await createDecompositionStand();

    await expect(stand.decomposition.propose({ issue: 999, draft: nobody })).rejects.toMatchObject({
      code: "SKN-5661",
    });
  });
});

describe("what is kept in the comment", () => {
  test("is refused when it does not fit and no database keeps it", async () => {
    const stand = await large(false);

    await expect(stand.propose()).rejects.toMatchObject({ code: "SKN-1661" });
    expect(stand.hub.comments(stand.number)).toEqual([]);
  });

  test("is left to the planner where a database keeps it, to the end", async () => {
    const stand = await large(true);
    await stand.create();

    expect(stand.children().size).toBe(8);
    expect((stand.hub.comments(stand.number)[0]?.body ?? "").length).toBeLessThan(65_536);
    expect(await stand.decomposition.sync({ issue: stand.number })).toMatchObject({
      kind: "synced",
      acts: [],
    });
  });

  test("is believed under our own key only", async () => {
    const stand = await createDecompositionStand({ sign });
    await stand.propose();
    const [comment] = stand.hub.comments(stand.number);
    const forged = (comment?.body ?? "").replace(/ [\w-]+ -->$/u, ` ${"A".repeat(43)} -->`);
    stand.hub.editComment(comment?.id ?? 0, forged);

    await expect(stand.decomposition.sync({ issue: stand.number })).rejects.toMatchObject({
      code: "SKN-4661",
    });
  });

  test.each([
    ["cut off", (body: string) => body.slice(0, body.lastIndexOf("<!-- skein:plan:") + 200)],
    ["with a sign of another kind in it", (body: string) => body.replace(/v1 \S{4}/u, "v1 !!!!")],
  ])("is told as broken, not as never made, when it is %s", async (_how, broken) => {
    const stand = await createDecompositionStand();
    await stand.propose();
    const [comment] = stand.hub.comments(stand.number);
    stand.hub.editComment(comment?.id ?? 0, broken(comment?.body ?? ""));

    await expect(stand.propose()).rejects.toMatchObject({ code: "SKN-4661" });
    await expect(stand.decomposition.spent(stand.number, null)).rejects.toMatchObject({
      code: "SKN-4661",
    });
  });

  test("is not believed from another account, which is no plan at all", async () => {
    const stand = await createDecompositionStand();
    await stand.propose();
    const [comment] = stand.hub.comments(stand.number);
    const other = stand.hub.open(stand.mallory, { title: "Other" });
    stand.hub.say(other.number, stand.mallory, comment?.body ?? "");

    expect(await stand.decomposition.sync({ issue: other.number })).toEqual({ kind: "no-plan" });
    expect(
      await stand.decomposition.approve({
        issue: other.number,
        hash: stand.shownHash(),
        by: stand.ann,
      }),
    ).toEqual({ kind: "nothing-proposed" });
  });

  test.each([
    [
      "without a key, by the digits that everybody reads",
      undefined,
      { kind: "created", issues: 5 },
    ],
    ["with a key only by its own signature", sign, { kind: "waiting", issues: 2 }],
  ])("knows its children %s", async (_how, key, { kind, issues }) => {
    const stand = await createDecompositionStand({ sign: key });
    await stand.propose();
    // Another program of our account that repeats what somebody wrote.
    const digits = stand.shownHash().slice(0, 12);
    const line = `<!-- skein:child:v1 ${stand.plan} T1 ${digits} ${digits} -->`;
    const { host } = stand.hub;
    await host.issues.create({ title: "Feedback", body: line, labels: ["skein:task"] });

    const outcome = await stand.decomposition.sync({ issue: stand.number });

    expect(outcome.kind).toBe(kind);
    expect(stand.hub.issues()).toHaveLength(issues);
  });

  test("is completed with a key, too, where it broke off", async () => {
    const stand = await createDecompositionStand({ sign });
    await stand.create();
    stand.hub.deleteComment(stand.hub.comments(stand.number)[0]?.id ?? 0);
    await stand.create();

    expect(stand.hub.issues()).toHaveLength(5);
    expect(await stand.decomposition.sync({ issue: stand.number })).toMatchObject({ acts: [] });
  });

  test("finds its children again, and makes none twice, after the comment was deleted", async () => {
    const stand = await createDecompositionStand();
    await stand.create();
    stand.hub.deleteComment(stand.hub.comments(stand.number)[0]?.id ?? 0);
    await stand.create();

    expect(stand.hub.issues()).toHaveLength(5);
    expect(stand.hub.comments(stand.number)[0]?.body).toContain("0 of 4 tasks are done");
  });
});
