import { describe, expect, test } from "vitest";
import { eachStore } from "../support/stores.ts";
import { lively } from "../support/upkeep-stand.ts";
import type { UpkeepStand } from "../support/upkeep-stand.ts";

/** What was done to the database behind Skein's back, and what is told of it. */
const edits: readonly (readonly [sql: string, told: string])[] = [
  ["UPDATE tasks SET unmet = 1 WHERE id = 'T4'", "11: demo/T4 waits for 0 and counts 1."],
  ["UPDATE tasks SET unmet = 0 WHERE id = 'T2'", "11: demo/T2 waits for 1 and counts 0."],
  ["DELETE FROM task_dependencies WHERE task = 'T2'", "11: demo/T2 has no edge to T1."],
  [
    "INSERT INTO task_dependencies (project, plan, task, depends_on) VALUES ('demo', 'demo', 'T3', 'T9')",
    "11: demo/T3 has an edge to T9, for which it does not wait.",
  ],
  ["UPDATE tasks SET is_container = 1 WHERE id = 'T3'", "11: demo/T3 is marked as a container."],
  [
    "UPDATE tasks SET is_plan_active = 0 WHERE id = 'T1'",
    "11: demo/T1 is marked as of a plan that is not active.",
  ],
  ["UPDATE plans SET open_tasks = 1", "11: demo counts 1 open tasks and has 3."],
  [
    "UPDATE budgets SET reserved_micro_usd = 7000000 WHERE scope = 'plan:demo'",
    "12: The budget of plan:demo counts 7000000 micro-dollars as set aside; the open reservations come to 600000.",
  ],
  [
    "UPDATE budgets SET spent_micro_usd = 0 WHERE scope = 'plan:demo'",
    "12: The budget of plan:demo counts 0 micro-dollars as spent; the ledger comes to 1200.",
  ],
];

/** Changes the database by hand and tells what verify finds. */
async function edit(
  { store, upkeep }: UpkeepStand,
  statements: readonly string[],
): Promise<readonly string[]> {
  for (const statement of statements) {
    await store.write((tx) => tx.run(statement, []));
  }
  const { violations } = await upkeep.verify();
  return violations.map(({ invariant, text }) => `${String(invariant)}: ${text}`);
}

eachStore("what the pick and the budgets count", (open) => {
  describe("verify", () => {
    test("finds each number and each edge that was changed by hand", async () => {
      const stand = await lively(open);

      const told = await edit(
        stand,
        edits.map(([statement]) => statement),
      );

      // The container is no longer one of the open tasks.
      expect(told.toSorted()).toEqual(edits.map(([, text]) => text).toSorted());
    });

    test("finds tasks that wait for each other, and money set aside in a budget that is gone", async () => {
      const stand = await lively(open);

      const told = await edit(stand, [
        `UPDATE tasks SET depends_on = '["T2"]' WHERE id = 'T1'`,
        "DELETE FROM budgets WHERE scope = 'plan:demo'",
      ]);

      expect(told).toEqual(
        expect.arrayContaining([
          "11: demo has tasks that wait for each other: T1 -> T2 -> T1.",
          "12: The budget of plan:demo counts 0 micro-dollars as set aside; the open reservations come to 600000.",
        ]),
      );
    });

    test("finds nothing wrong with a limit that was taken away, nor with the limit of retries", async () => {
      const { upkeep, store, costs } = await lively(open);
      const unlimited = { limitMicroUsd: null, isHard: true, actor: "system" } as const;

      await store.write(async (tx) => {
        await costs.setBudget(tx, { ...unlimited, scope: "plan:demo" });
        await costs.setBudget(tx, { ...unlimited, scope: "retries", limitMicroUsd: 1 });
      });

      expect((await upkeep.verify()).violations).toEqual([]);
    });
  });
});
