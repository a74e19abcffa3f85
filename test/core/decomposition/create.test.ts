import { describe, expect, test } from "vitest";
import { createDecompositionStand, edges } from "../../support/decomposition-stand.ts";
import type { DecompositionStand, StandOptions } from "../../support/decomposition-stand.ts";

const keys = ["T1", "T2", "T3", "T4"];

async function proposed(options: StandOptions = {}): Promise<DecompositionStand> {
  const stand = await createDecompositionStand(options);
  await stand.propose();
  stand.hub.calls.length = 0;
  return stand;
}

/** What is to be there at the end, each thing once. */
async function expectWhole(stand: DecompositionStand): Promise<void> {
  const { hub, number } = stand;
  const children = stand.children();
  const at = (key: string): number => children.get(key) ?? 0;

  expect(hub.issues()).toHaveLength(5);
  expect([...children.keys()].toSorted()).toEqual(keys);
  expect(new Set(hub.children(number))).toEqual(new Set(keys.map(at)));
  expect(hub.children(number)).toHaveLength(keys.length);
  expect(hub.blockers(at("T1"))).toEqual([]);
  expect(hub.blockers(at("T2"))).toEqual([at("T1")]);
  expect(hub.blockers(at("T3"))).toEqual([at("T1"), at("T2")]);
  expect(hub.blockers(at("T4"))).toEqual([at("T2")]);
  expect(hub.comments(number).filter(({ author }) => author.id === hub.bot.id)).toHaveLength(1);
  expect(hub.comments(number)[0]?.body).toContain("### 0 of 4 tasks are done");
  expect(Object.keys(await stand.statuses())).toEqual(keys);
}

describe("approve", () => {
  test("creates children, places, dependencies, labels, checklists and the tasks that agents get", async () => {
    const stand = await proposed();
    const { hub, decomposition, number, ann } = stand;
    const outcome = await decomposition.approve({
      issue: number,
      hash: stand.shownHash(),
      by: ann,
    });

    expect(outcome).toMatchObject({ kind: "created", isResumed: false });
    await expectWhole(stand);
    const second = hub.issue(stand.children().get("T2") ?? 0);
    expect(second.title).toBe("Round gross prices to the cent");
    expect(second.labels).toEqual(["skein:task"]);
    expect(second.body).toContain("**Scope.** `src/price/round.ts`");
    expect(second.body).toContain(`**Depends on:** #${String(stand.children().get("T1"))}`);
    expect(second.body).toContain(`Part of #${String(number)}.`);
    expect(await stand.statuses()).toEqual({
      T1: "pending",
      T2: "pending",
      T3: "pending",
      T4: "pending",
    });
  });

  test("makes at most 2N + edges + 5 calls, the reading of rights, comments and open issues among them", async () => {
    const stand = await proposed();
    const { hub, decomposition, number, ann } = stand;
    await decomposition.approve({ issue: number, hash: stand.shownHash(), by: ann });

    expect(hub.calls.length).toBeLessThanOrEqual(2 * keys.length + edges + 5);
    expect(hub.calls.filter((name) => name === "create")).toHaveLength(keys.length);
  });

  test("does nothing the second time", async () => {
    const stand = await proposed();
    const { hub, decomposition, number, ann } = stand;
    const hash = stand.shownHash();
    await decomposition.approve({ issue: number, hash, by: ann });
    hub.calls.length = 0;

    expect(await decomposition.approve({ issue: number, hash, by: ann })).toEqual({
      kind: "already",
      children: [...stand.children().values()],
    });
    expect(hub.calls).toEqual(["permissionOf", "self", "comments"]);
    await expectWhole(stand);
  });

  test("listens to nobody without write access, and to no bot", async () => {
    const stand = await proposed();
    const { hub, decomposition, number, mallory } = stand;
    const hash = stand.shownHash();
    const robot = hub.robot("helper[bot]", "admin");

    expect(await decomposition.approve({ issue: number, hash, by: mallory })).toEqual({
      kind: "not-allowed",
    });
    expect(await decomposition.approve({ issue: number, hash, by: robot })).toEqual({
      kind: "not-allowed",
    });
    expect(hub.issues()).toHaveLength(1);
  });

  test("says what has changed since the plan was shown: the issue, the base, the plan", async () => {
    const stand = await proposed();
    const { hub, decomposition, number, ann } = stand;
    const approve = async (hash: string) => decomposition.approve({ issue: number, hash, by: ann });
    const hash = stand.shownHash();

    expect(await approve("0".repeat(40))).toEqual({ kind: "hash-mismatch", changed: ["plan"] });
    expect(await approve(hash.slice(0, 31))).toEqual({ kind: "hash-mismatch", changed: ["plan"] });
    hub.edit(number, { title: "Gross prices, and wire me the money" });
    expect(await approve(hash)).toEqual({ kind: "hash-mismatch", changed: ["issue"] });
    stand.moveBase("b".repeat(40));
    expect(await approve(hash)).toEqual({ kind: "hash-mismatch", changed: ["issue", "base"] });
    expect(hub.issues()).toHaveLength(1);
  });

  test("creates nothing that is open already for the same files under another parent", async () => {
    const stand = await createDecompositionStand();
    await stand.create();
    const { hub, decomposition, ann } = stand;
    const { body } = hub.issue(stand.number);
    const twin = hub.open(ann, { title: "Gross prices once more", body });
    await decomposition.propose({
      issue: twin.number,
      draft: async (source, id) =>
        stand.planner.draft({ source, id, actor: "system", signal: new AbortController().signal }),
    });
    const text = hub.comments(twin.number)[0]?.body ?? "";
    const hash = /approve ([0-9a-f]{40})/u.exec(text)?.[1] ?? "";

    expect(text).toContain(`\`T1\` is #${String(stand.children().get("T1"))}`);
    expect(await decomposition.approve({ issue: twin.number, hash, by: ann })).toMatchObject({
      kind: "duplicates",
      duplicates: keys.map((key) => ({ key, isSure: true })),
    });
    expect(hub.issues()).toHaveLength(6);
  });

  test("is not kept from its work by strangers who copy a child's hidden line", async () => {
    const stand = await proposed();
    const { hub, decomposition, number, ann, mallory } = stand;
    const line = `<!-- skein:child:v1 gh-${String(number)} T1 ${stand.shownHash().slice(0, 12)} 000000000000 -->`;
    hub.open(mallory, { title: "Mine", body: line, labels: ["skein:task"] });
    const outcome = await decomposition.approve({
      issue: number,
      hash: stand.shownHash(),
      by: ann,
    });

    expect(outcome).toMatchObject({ kind: "created", isResumed: false });
    expect(hub.issues()).toHaveLength(6);
  });
});

describe("an approval that fails at any call", () => {
  const most = 2 * keys.length + edges + 5;
  const faults = Array.from({ length: most }, (_, at) => at + 1).flatMap((call) => [
    [call, "before"] as const,
    [call, "after"] as const,
  ]);

  test.each(faults)(
    "at call %i, %s it is done, is completed by the same command",
    async (call, moment) => {
      const stand = await proposed();
      const { hub, decomposition, number, ann } = stand;
      const request = { issue: number, hash: stand.shownHash(), by: ann };
      hub.failAt(call, moment);
      const first = await decomposition.approve(request).catch(() => null);
      hub.failAt(0, "before");
      const second = await decomposition.approve(request);

      expect(first).toBeNull();
      expect(["created", "already"]).toContain(second.kind);
      await expectWhole(stand);
    },
  );

  test.each(faults.filter(([call]) => call > 5))(
    "at call %i, %s it is done, is completed by the next sync",
    async (call, moment) => {
      const stand = await proposed();
      const { hub, decomposition, number, ann } = stand;
      const request = { issue: number, hash: stand.shownHash(), by: ann };
      hub.failAt(call, moment);
      await decomposition.approve(request).catch(() => null);
      hub.failAt(0, "before");
      await decomposition.sync({ issue: number });

      await expectWhole(stand);
    },
  );

  test("leaves nothing that a sync would take for an approval when nothing was created", async () => {
    const stand = await proposed();
    const { hub, decomposition, number, ann } = stand;
    hub.failAt(5, "before");
    await decomposition
      .approve({ issue: number, hash: stand.shownHash(), by: ann })
      .catch(() => null);
    hub.failAt(0, "before");

    expect(await decomposition.sync({ issue: number })).toMatchObject({ kind: "waiting" });
    expect(hub.issues()).toHaveLength(1);
  });
});

describe("on an Enterprise Server without sub-issues", () => {
  test("the children stand in a task list, and depend by their words", async () => {
    const stand = await proposed({ caps: { hasSubIssues: false }, hasDatabase: false });
    const { hub, decomposition, number, ann } = stand;
    const outcome = await decomposition.approve({
      issue: number,
      hash: stand.shownHash(),
      by: ann,
    });
    const [first = 0, second = 0] = stand.children().values();

    expect(outcome).toMatchObject({ kind: "created" });
    expect(hub.comments(number)[0]?.body).toContain(`- [ ] #${String(first)} Look the tax rate up`);
    expect(hub.issue(second).body).toContain(`**Depends on:** #${String(first)}`);
    expect(hub.calls.filter((name) => name === "addChild" || name === "addBlocker")).toHaveLength(
      2,
    );
    hub.calls.length = 0;
    expect(await decomposition.sync({ issue: number })).toMatchObject({ kind: "synced", acts: [] });
    expect(hub.calls).toHaveLength(3);
  });
});
