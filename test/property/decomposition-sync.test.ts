import fc from "fast-check";
import { expect, test } from "vitest";
import { aCaller, finish, next } from "../support/coordination.ts";
import { createDecompositionStand } from "../support/decomposition-stand.ts";
import type { DecompositionStand } from "../support/decomposition-stand.ts";

const keys = ["T1", "T2", "T3", "T4"] as const;

type Step =
  | {
      readonly kind: "close";
      readonly key: string;
      readonly by: "ann" | "mallory" | "robot";
      readonly as: "completed" | "not_planned";
    }
  | { readonly kind: "reopen" | "retitle" | "cancel"; readonly key: string }
  | { readonly kind: "claim" | "submit" | "land" | "sync" | "broken-sync"; readonly call: number };

const key = fc.constantFrom(...keys);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("close" as const),
    key,
    by: fc.constantFrom("ann" as const, "mallory" as const, "robot" as const),
    as: fc.constantFrom("completed" as const, "not_planned" as const),
  }),
  fc.record({
    kind: fc.constantFrom("reopen" as const, "retitle" as const, "cancel" as const),
    key,
  }),
  fc.record({
    kind: fc.constantFrom(
      "claim" as const,
      "submit" as const,
      "land" as const,
      "sync" as const,
      "broken-sync" as const,
    ),
    call: fc.integer({ min: 1, max: 8 }),
  }),
);

const worker = aCaller("worker");

/** One act of somebody: of a person or a bot on GitHub, of an agent, of whoever steers Skein, or of a sync. Acts that are not possible now are none. */
async function act(
  stand: DecompositionStand,
  robot: DecompositionStand["ann"],
  one: Step,
): Promise<void> {
  const { hub, skein, plan, decomposition, number } = stand;
  const numberOf = (name: string): number => stand.children().get(name) ?? 0;
  switch (one.kind) {
    case "close": {
      if (hub.issue(numberOf(one.key)).isOpen) {
        hub.close(
          numberOf(one.key),
          { ann: stand.ann, mallory: stand.mallory, robot }[one.by],
          one.as,
        );
      }
      return;
    }
    case "reopen":
      hub.reopen(numberOf(one.key));
      return;
    case "retitle":
      hub.edit(numberOf(one.key), { title: `Renamed ${one.key}` });
      return;
    case "cancel":
      await skein.dispatch
        .cancelTask(`${plan}/${one.key}`, { actor: "person:ann", reason: "no" })
        .catch(() => null);
      return;
    case "claim":
      await skein.dispatch.nextTask(next(worker, { plan }));
      return;
    case "submit":
    case "land":
      await submitOrLand(stand, one.kind);
      return;
    case "sync":
      await decomposition.sync({ issue: number });
      return;
    case "broken-sync":
      hub.failAt(one.call, one.call % 2 === 0 ? "after" : "before");
      await decomposition.sync({ issue: number }).catch(() => null);
      hub.failAt(0, "before");
  }
}

async function submitOrLand(
  { skein, plan }: DecompositionStand,
  kind: "land" | "submit",
): Promise<void> {
  const status = kind === "submit" ? "claimed" : "submitted";
  const [task] = await skein.store.read(async (reader) =>
    skein.plans.listTasks(reader, { plan, status }),
  );
  if (task === undefined) {
    return;
  }
  if (kind === "submit") {
    const claim = { task: `${plan}/${task.id}`, fence: task.fence ?? 0 };
    await skein.dispatch.finishTask(finish(worker, claim, { commit: "c0ffee".repeat(6) }));
    return;
  }
  await skein.store.write(async (tx) => {
    await skein.plans.integrated(tx, { task, commit: "c0ffee".repeat(6), actor: "system" });
    await skein.plans.done(tx, { task, actor: "system" });
  });
}

function round(id: string): number {
  return Number(/\.r(\d+)$/u.exec(id)?.[1] ?? 1);
}

/** The last attempt at a child, by how its task stands. */
function lastStatus(statuses: Readonly<Record<string, string>>, name: string): string | undefined {
  const ids = Object.keys(statuses).filter((id) => id === name || id.startsWith(`${name}.r`));
  const last = ids.toSorted((one, other) => round(other) - round(one))[0];
  return last === undefined ? undefined : statuses[last];
}

test("whatever people, bots and agents do between syncs, both sides come to say the same and then rest", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const stand = await createDecompositionStand();
      const robot = stand.hub.robot("stale[bot]", "admin");
      await stand.create();
      for (const one of steps) {
        await act(stand, robot, one);
      }
      const { decomposition, number, hub } = stand;
      await decomposition.sync({ issue: number });
      await decomposition.sync({ issue: number });
      hub.calls.length = 0;
      const third = await decomposition.sync({ issue: number });

      expect(third).toMatchObject({ kind: "synced", acts: [] });
      expect(hub.calls.filter((name) => /create|update|comment$|editComment/u.test(name))).toEqual(
        [],
      );
      const statuses = await stand.statuses();
      const text = hub.comments(number)[0]?.body ?? "";
      for (const name of keys) {
        const issue = hub.issue(stand.children().get(name) ?? 0);
        const status = lastStatus(statuses, name);
        if (issue.isOpen) {
          expect(status).not.toBe("done");
          expect(status).not.toBe("canceled");
        } else if (issue.closedBy?.id === stand.ann.id) {
          expect(["done", "canceled"]).toContain(status);
        }
      }
      expect(hub.comments(number)).toHaveLength(1);
      expect(text).toContain("tasks are done");
    }),
    { numRuns: 60 },
  );
});

test("no close by a stranger or a bot ever ends a task", async () => {
  const strangers = step.filter(
    (one) =>
      one.kind === "sync" || one.kind === "reopen" || (one.kind === "close" && one.by !== "ann"),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(strangers, { minLength: 1, maxLength: 15 }), async (steps) => {
      const stand = await createDecompositionStand();
      const robot = stand.hub.robot("stale[bot]", "admin");
      await stand.create();
      for (const one of steps) {
        await act(stand, robot, one);
      }
      await stand.decomposition.sync({ issue: stand.number });

      expect(await stand.statuses()).toEqual({
        T1: "pending",
        T2: "pending",
        T3: "pending",
        T4: "pending",
      });
    }),
    { numRuns: 30 },
  );
});

test("a child that is opened again after a sync stays open, and has a task that has not ended", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), key, async (steps, name) => {
      const stand = await createDecompositionStand();
      const robot = stand.hub.robot("stale[bot]", "admin");
      await stand.create();
      for (const one of steps) {
        await act(stand, robot, one);
      }
      const child = stand.children().get(name) ?? 0;
      await stand.decomposition.sync({ issue: stand.number });
      stand.hub.reopen(child);
      await stand.decomposition.sync({ issue: stand.number });
      await stand.decomposition.sync({ issue: stand.number });

      expect(stand.hub.issue(child).isOpen).toBe(true);
      expect(["done", "canceled"]).not.toContain(lastStatus(await stand.statuses(), name));
    }),
    { numRuns: 60 },
  );
});
