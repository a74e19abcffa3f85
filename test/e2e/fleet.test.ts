import { expect, test } from "vitest";
import { createCoordinatedRepository } from "../support/coordinated-repository.ts";
import { runFleet } from "../support/fleet.ts";

test(
  "32 clients do 500 tasks once each, though some are killed",
  { timeout: 300_000 },
  async () => {
    const repository = await createCoordinatedRepository();
    try {
      const fleet = await runFleet({
        repository,
        clients: 32,
        tasks: 500,
        kills: 12,
        seed: 1,
        limitMs: 280_000,
      });

      const { skein } = repository.project;
      const attempts = await skein.store.read((reader) =>
        skein.plans.attemptsOfPlan(reader, "fleet"),
      );
      const handedIn = [...attempts.values()].map(
        (each) => each.filter(({ outcome }) => outcome === "submitted").length,
      );
      const tasks = await skein.store.read((reader) =>
        skein.plans.listTasks(reader, { plan: "fleet" }),
      );
      const { isClean, violations } = await skein.upkeep.verify();

      expect(violations).toEqual([]);
      expect(isClean).toBe(true);
      expect(tasks.filter(({ status }) => status === "done")).toHaveLength(500);
      expect(handedIn).toHaveLength(500);
      expect(handedIn.every((count) => count === 1)).toBe(true);
      expect(new Set(fleet.acknowledged).size).toBe(fleet.acknowledged.length);
      expect(fleet.killed).toBe(12);
    } finally {
      await repository.remove();
    }
  },
);
