import { describe, expect, test } from "vitest";
import type { ClaimFilesRequest } from "../../src/core/dispatch/index.ts";
import type { TaskDraft } from "../../src/core/plans/index.ts";
import { aCaller, aPlan, aTask, createStand, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { countingOpener } from "../support/counted-store.ts";
import { eachStore } from "../support/stores.ts";

const by = { actor: "person:ana" } as const;

const globsOfTask = 50;
const heldTasks = 30;

function filesOf(name: string, paths: readonly string[]): ClaimFilesRequest {
  return {
    caller: aCaller(name),
    paths,
    mode: "exclusive",
    durationMs: null,
    reason: "",
    waitMs: 0,
    origin: "files",
    key: null,
    signal: null,
  };
}

/** Globs in one folder, of which only the last meets one that is held: the one of the task's number. */
function heldTask(at: number): TaskDraft {
  const free = Array.from({ length: globsOfTask - 1 }, (_, glob) => `src/t${at}x${glob}-*.ts`);
  return aTask(`T${at}`, { files: [...free, `src/h${at}-*.ts`], priority: "high" });
}

const freeTask = aTask("FREE", { files: ["src/free-*.ts"], priority: "low" });

/** Two sessions hold 400 globs in one folder, in which tasks name 1,500: so many that no transaction compares all of them. */
async function holdMany(stand: CoordinationStand, tasks: readonly TaskDraft[]): Promise<void> {
  const held = Array.from({ length: 400 }, (_, at) => `src/h${at}-*.ts`);
  await stand.dispatch.claimFiles(filesOf("bob", held.slice(0, 200)));
  await stand.dispatch.claimFiles(filesOf("cy", held.slice(200)));
  await stand.dispatch.importPlan(aPlan(tasks), by);
}

const heldOnes = Array.from({ length: heldTasks }, (_, at) => heldTask(at));

eachStore("many globs against many that are held", (open) => {
  describe("nextTask", () => {
    test("finds the one free task behind all that are not, and lets writers come between", async () => {
      const [counted, counts] = countingOpener(open);
      const stand = await createStand(counted);
      await holdMany(stand, [...heldOnes, freeTask]);
      counts.reads = 0;
      const search = { isOver: false };

      const asked = stand.dispatch.nextTask(next(aCaller("ada"))).finally(() => {
        search.isOver = true;
      });
      let between = 0;
      while (!search.isOver) {
        await stand.store.write((tx) => Promise.resolve(tx.nowMs));
        between += 1;
        // Others of the process want a round of events, too.
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }

      expect((await asked).claim?.task.id).toBe("FREE");
      expect(counts.reads).toBeGreaterThan(3);
      expect(between).toBeGreaterThan(3);
    });

    test("says what was not compared when it ends before, and goes on there when it is asked again", async () => {
      const stand = await createStand(open);
      await holdMany(stand, [...heldOnes, freeTask]);

      const gone = await stand.dispatch.nextTask(
        next(aCaller("ada"), { signal: AbortSignal.abort() }),
      );
      const uncompared = gone.waiting?.uncompared ?? 0;

      expect(uncompared).toBeGreaterThan(0);
      expect(uncompared).toBeLessThan(heldTasks + 1);
      expect(gone.waiting).toMatchObject({ ready: uncompared, isForAll: false });
      expect(gone.waiting?.reasons[0]).toBe(
        `${uncompared} ready tasks were not compared yet with all that is held: ask again.`,
      );
      const again = await stand.dispatch.nextTask(next(aCaller("ada")));
      expect(again.claim?.task.id).toBe("FREE");
    });

    test("gives a task that alone takes more than one transaction compares", async () => {
      const stand = await createStand(open);
      const files = Array.from({ length: 256 }, (_, at) => `src/big${at}-*.ts`);
      await holdMany(stand, [aTask("BIG", { files })]);

      const { claim } = await stand.dispatch.nextTask(next(aCaller("ada")));

      expect(claim?.task.id).toBe("BIG");
      expect(claim?.leases[0]?.patterns).toHaveLength(256);
    });

    test("compares what it has compared no more, and gives a task as soon as its paths are free", async () => {
      const [counted, counts] = countingOpener(open);
      const stand = await createStand(counted);
      await holdMany(stand, heldOnes);
      const first = await stand.dispatch.nextTask(next(aCaller("ada")));
      counts.reads = 0;

      const second = await stand.dispatch.nextTask(next(aCaller("eve")));

      expect(first.waiting).toMatchObject({ onPaths: heldTasks, uncompared: 0, isForAll: true });
      expect(second.waiting).toMatchObject({ onPaths: heldTasks, uncompared: 0 });
      expect(counts.reads).toBe(0);
      await stand.dispatch.releaseFiles({ caller: aCaller("bob"), leases: [], key: null });
      const third = await stand.dispatch.nextTask(next(aCaller("ada")));
      expect(third.claim?.task.id).toBe("T0");
    });
  });
});
