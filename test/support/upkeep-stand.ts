import { migrations } from "../../src/core/index.ts";
import { createUpkeep } from "../../src/core/upkeep/index.ts";
import type { ArchiveShelf, Upkeep } from "../../src/core/upkeep/index.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "./coordination.ts";
import type { CoordinationStand } from "./coordination.ts";
import type { OpenTestStore } from "./stores.ts";

const ada = aCaller("ada");
const bob = aCaller("bob", { role: "reviewer", skills: ["css"] });
export const policy = { caseInsensitive: false };

/** Coordination with upkeep over it, and what was archived by name. */
export interface UpkeepStand extends CoordinationStand {
  readonly upkeep: Upkeep;
  readonly shelf: Map<string, string>;
}

export async function openUpkeep(open: OpenTestStore, project = "demo"): Promise<UpkeepStand> {
  const stand = await createStand((options) => open({ ...options, project }));
  const shelf = new Map<string, string>();
  const upkeep = createUpkeep({ ...stand, migrations, policy, shelf: shelfOf(shelf) });
  return { ...stand, upkeep, shelf };
}

function shelfOf(texts: Map<string, string>): ArchiveShelf {
  return {
    put: async (name, text) => {
      texts.set(name, text);
    },
  };
}

/** A project in the middle of its work: every kind of row is there. */
export async function lively(open: OpenTestStore, project?: string): Promise<UpkeepStand> {
  const stand = await openUpkeep(open, project);
  const { dispatch, store } = stand;
  const tasks = [
    aTask("T1", { files: ["src/a/**"], spec: "Do it.\n\nWell \u{1F9F6}." }),
    aTask("T2", { files: ["src/b.ts"], dependsOn: ["T1"] }),
    aTask("T3", { files: ["src/c/"], budgetMicroUsd: 9_000_000 }),
    aTask("T4", { priority: "high" }),
  ];
  const plan = aPlan(tasks, { verify: "merge", budgetMicroUsd: 50_000_000 });
  await dispatch.importPlan(plan, { actor: "person:ana" });
  const first = await dispatch.nextTask(next(ada, { task: "T1" }));
  const fence = first.claim?.fence ?? 0;
  await dispatch.updateTask({
    caller: ada,
    task: "T1",
    fence,
    note: "half \u202e way",
    percent: 50,
    addPaths: ["docs/a.md"],
    usage: [
      {
        model: null,
        inputTokens: 10,
        outputTokens: 5,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        microUsd: 1_200,
      },
    ],
    key: "k1",
  });
  await dispatch.finishTask(
    finish(ada, { task: "T1", fence }, { commit: "a".repeat(40), key: "k2" }),
  );
  const second = await dispatch.nextTask(next(bob, { task: "T3" }));
  await dispatch.finishTask(
    finish(bob, { task: "T3", fence: second.claim?.fence ?? 0 }, { outcome: "released" }),
  );
  await dispatch.nextTask(next(ada, { task: "T4" }));
  await dispatch.claimFiles({
    caller: bob,
    paths: ["web/*.css"],
    mode: "shared",
    durationMs: null,
    reason: "styles",
    waitMs: 0,
    origin: "files",
    key: null,
    signal: null,
  });
  const session = second.standing.session.id;
  await store.write(async (tx) => {
    await stand.messages.send(tx, {
      from: session,
      fromName: "bob",
      actor: `session:${session}`,
      to: { kind: "all" },
      text: "hello",
      thread: null,
      expiresInMs: null,
      cause: null,
    });
    await stand.approvals.ask(tx, {
      session,
      plan: "demo",
      task: "T3",
      question: "May I?",
      options: ["yes", "no"],
      deadlineInMs: null,
    });
  });
  return stand;
}
