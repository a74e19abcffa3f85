import { describe, expect, test } from "vitest";

import { createIntegration } from "../../src/core/integration/index.ts";
import type {
  Integration,
  IntegrateOptions,
  IntegrateResult,
  Workspace,
} from "../../src/core/integration/index.ts";
import { parsePathPattern } from "../../src/core/leases/index.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";

const commit = "c".repeat(40);
const options: IntegrateOptions = {
  branch: "main",
  method: "rebase",
  plan: null,
  task: null,
  checks: [],
  by: "person:ana",
  signal: null,
};

/** A repository where every merge has the same result; `during` happens while git works. */
function aWorkspace(result: IntegrateResult, during: () => Promise<unknown>): Workspace {
  return {
    resolve: async (revision) => revision,
    isAncestor: async () => true,
    findSamePatch: async () => null,
    changedPaths: async () => ["a.ts"],
    integrate: async () => {
      await during();
      return result;
    },
    runCheck: async (name) => ({ name, passed: true, exitCode: 0, output: "" }),
  };
}

interface Stand extends CoordinationStand {
  readonly workspaceOf: (result: IntegrateResult, during?: () => Promise<unknown>) => Integration;
}

/** One task, submitted, and a second one on the same path that waits for it. */
async function aStand(open: OpenTestStore): Promise<Stand> {
  const stand = await createStand(open);
  const tasks = [aTask("T1", { files: ["a.ts"] }), aTask("T2", { files: ["a.ts"] })];
  await stand.dispatch.importPlan(aPlan(tasks, { verify: "merge" }), { actor: "person:ana" });
  const { claim } = await stand.dispatch.nextTask(next(aCaller("ada"), { task: "T1" }));
  const fence = claim?.fence ?? 0;
  await stand.dispatch.finishTask(finish(aCaller("ada"), { task: "T1", fence }, { commit }));
  let turns = 0;
  return {
    ...stand,
    workspaceOf: (result, during = async () => null) =>
      createIntegration({
        ...stand,
        workspace: aWorkspace(result, during),
        timer: { nowMs: () => 0, sleep: untilAborted },
        random: { bytes: (count) => new Uint8Array(count).fill((turns += 1)) },
        policy: { caseInsensitive: false },
        paths: { parse: (text) => parsePathPattern(text) },
        exempt: [],
      }),
  };
}

function untilAborted(_ms: number, signal: AbortSignal | null): Promise<void> {
  return new Promise((resolve) => {
    signal?.addEventListener("abort", () => {
      resolve();
    });
  });
}

eachStore("integration", (open) => {
  describe("integrate", () => {
    test("keeps the paths until the work has landed, and hands them on with the commit", async () => {
      const stand = await aStand(open);
      const before = await stand.dispatch.nextTask(next(aCaller("bob")));

      const landings = await stand.workspaceOf({ kind: "integrated", commit }).integrate(options);

      expect(before.claim).toBeNull();
      expect(landings[0]?.task).toMatchObject({ status: "done", integratedCommit: commit });
      const after = await stand.dispatch.nextTask(next(aCaller("bob")));
      expect(after.claim).toMatchObject({ task: { id: "T2" }, baseCommits: [commit] });
    });

    test("frees the paths of work that is sent back", async () => {
      const stand = await aStand(open);
      const conflict = { kind: "conflict", files: ["a.ts"], detail: "both changed it" } as const;

      const landings = await stand.workspaceOf(conflict).integrate(options);

      expect(landings[0]?.task).toMatchObject({ status: "pending", cause: "git_conflict" });
      expect(await stand.store.read((reader) => stand.leases.list(reader))).toEqual([]);
    });

    test.each([
      [{ kind: "integrated", commit } as const, "task.integrated"],
      [{ kind: "conflict", files: ["a.ts"], detail: "both changed it" } as const, "task.failed"],
    ])("names what led to the end of the leases, after %j", async (result, kind) => {
      const stand = await aStand(open);

      await stand.workspaceOf(result).integrate(options);

      const events = await stand.store.read((reader) => stand.events.after(reader, 0, 100));
      const because = events.find((event) => event.kind === kind)?.seq;
      const led = events.filter(({ cause }) => cause === because).map((event) => event.kind);
      expect(led.slice(0, 1)).toEqual(["lease.released"]);
      expect(led).toContain(kind === "task.failed" ? "message.sent" : "task.done");
    });

    test("gives the turn to one integrator at a time, and back when it ends", async () => {
      const stand = await aStand(open);
      const second = stand.workspaceOf({ kind: "already", commit });
      const first = stand.workspaceOf({ kind: "integrated", commit }, async () =>
        expect(second.integrate(options)).rejects.toMatchObject({ code: "SKN-4811" }),
      );

      const landings = await first.integrate(options);

      expect(landings).toHaveLength(1);
      expect(await second.integrate(options)).toEqual([]);
    });

    test("does not mark what was sent back by another while git worked", async () => {
      const stand = await aStand(open);
      const integration = stand.workspaceOf({ kind: "integrated", commit }, async () =>
        stand.store.write((tx) =>
          stand.plans.reject(tx, {
            task: { plan: "demo", id: "T1" },
            failure: "validation_failed",
            summary: "no",
            actor: "person:ana",
          }),
        ),
      );

      const landings = await integration.integrate(options);

      expect(landings[0]).toMatchObject({
        task: { status: "pending" },
        result: { kind: "skipped" },
      });
    });
  });
});
