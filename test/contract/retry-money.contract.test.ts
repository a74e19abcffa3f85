import { expect, test } from "vitest";

import type { Task } from "../../src/core/plans/index.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";

const ada = aCaller("ada");
const noTokens = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

async function aStand(
  open: OpenTestStore,
  limitMicroUsd: number | null,
): Promise<CoordinationStand> {
  const stand = await createStand(open);
  await stand.store.write(async (tx) => {
    await stand.plans.importPlan(tx, aPlan([aTask("T1")]), { actor: "person:eve" });
    await stand.costs.setBudget(tx, {
      scope: "retries",
      limitMicroUsd,
      isHard: true,
      actor: "person:eve",
    });
  });
  return stand;
}

/** One attempt that reports what it cost and then fails for a cause that is tried again at once. */
async function failing(stand: CoordinationStand, microUsd: number): Promise<Task> {
  const { claim } = await stand.dispatch.nextTask(next(ada));
  const fence = claim?.task.fence ?? 0;
  await stand.store.write((tx) =>
    stand.costs.record(tx, {
      session: null,
      plan: "demo",
      task: "T1",
      fence,
      attempt: claim?.task.attempts ?? 0,
      usage: { ...noTokens, model: null, microUsd },
      actor: "system",
    }),
  );
  await stand.dispatch.finishTask(
    finish(ada, { task: "demo/T1", fence }, { outcome: "failed", cause: "validation_failed" }),
  );
  return stand.store.read((reader) => stand.plans.get(reader, { plan: "demo", id: "T1" }));
}

eachStore("retry money", (open) => {
  test("tries again while a plan's retries have cost less than their limit, and then leaves it to a person", async () => {
    const stand = await aStand(open, 300_000);

    const first = await failing(stand, 9_000_000);
    const second = await failing(stand, 300_000);

    // The first attempt is no retry, whatever it cost.
    expect(first.status).toBe("pending");
    expect(second).toMatchObject({ status: "failed", isDeadLetter: true });
    expect(second.reason).toContain("Retries of the plan demo have cost 0.30 of 0.30 USD.");
    expect(second.reason).toContain("skein task retry");
  });

  test("tells whoever tries next from 80 % on", async () => {
    const stand = await aStand(open, null);
    await failing(stand, 0);

    const second = await failing(stand, 1_600_000);

    expect(second).toMatchObject({ status: "pending" });
    expect(second.feedback).toContain("have cost 1.60 of 2.00 USD");
  });
});
