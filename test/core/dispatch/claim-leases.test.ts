import { describe, expect, test } from "vitest";
import type { ClaimFilesRequest } from "../../../src/core/dispatch/index.ts";
import { aCaller, aPlan, aTask, createStand, next } from "../../support/coordination.ts";
import type { CoordinationStand } from "../../support/coordination.ts";
import { openMemoryStore } from "../../support/stores.ts";

const minuteMs = 60_000;

/** A session that holds a task with one directory and one path that it added, in a project whose own leases last a minute. */
async function hold(): Promise<CoordinationStand> {
  const stand = await createStand(openMemoryStore, 1, { leaseMs: minuteMs });
  const plan = aPlan([aTask("T1", { files: ["src/"] })]);
  await stand.dispatch.importPlan(plan, { actor: "system" });
  const { claim, standing } = await stand.dispatch.nextTask(next(aCaller("ada")));
  await stand.dispatch.updateTask({
    caller: { ...aCaller("ada"), handle: standing.handle },
    task: "demo/T1",
    fence: claim?.fence ?? 0,
    note: null,
    percent: null,
    addPaths: ["docs/a.md"],
    usage: [],
    key: null,
  });
  return stand;
}

function asking(path: string): ClaimFilesRequest {
  return {
    caller: aCaller("bob"),
    paths: [path],
    mode: "exclusive",
    durationMs: null,
    reason: "",
    waitMs: 0,
    origin: "files",
    key: null,
    signal: null,
  };
}

describe("the paths of a claimed task", () => {
  test.each(["src/one.ts", "docs/a.md"])(
    "are held as long as the task is, however short other leases last: %s",
    async (path) => {
      const { dispatch, time } = await hold();

      time.advance(29 * minuteMs);
      const meanwhile = await dispatch.claimFiles(asking(path));
      time.advance(2 * minuteMs);
      const afterwards = await dispatch.claimFiles(asking(path));
      const { claim } = await dispatch.nextTask(next(aCaller("cleo")));

      expect(meanwhile).toMatchObject({ leases: [], refused: [{ path }] });
      expect(afterwards).toMatchObject({ leases: [{ patterns: [{ text: path }] }], refused: [] });
      expect(claim?.task.id ?? null).toBe(path === "docs/a.md" ? "T1" : null);
    },
  );

  test("are no example for a lease of claim_files, which lasts as long as the settings say", async () => {
    const { dispatch, time } = await hold();
    await dispatch.claimFiles({ ...asking("lib/a.ts"), caller: aCaller("cleo") });

    time.advance(2 * minuteMs);

    expect(await dispatch.claimFiles(asking("lib/a.ts"))).toMatchObject({ refused: [] });
  });
});
