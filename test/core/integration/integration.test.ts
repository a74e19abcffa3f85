import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";

import { createWorkspace } from "../../../src/adapters/git/index.ts";
import type { Timer } from "../../../src/core/base/timer.ts";
import { parsePathPattern } from "../../../src/core/leases/index.ts";
import { createIntegration } from "../../../src/core/integration/index.ts";
import type {
  Integration,
  IntegrateOptions,
  Landing,
  Workspace,
} from "../../../src/core/integration/index.ts";
import type { TaskDraft, Verify } from "../../../src/core/plans/index.ts";
import { checkInvariants, readStateFacts } from "../../../src/core/upkeep/index.ts";
import { parseChecks } from "../../../src/settings.ts";
import { aRepository, removeRepositories, testEnv } from "../../adapters/git/repositories.ts";
import type { TestRepository } from "../../adapters/git/repositories.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../../support/coordination.ts";
import type { CoordinationStand } from "../../support/coordination.ts";
import { openMemoryStore } from "../../support/stores.ts";

afterEach(removeRepositories);

const policy = { caseInsensitive: false };
const person = "person:ana";

interface Stand extends CoordinationStand {
  readonly repo: TestRepository;
  readonly workspace: Workspace;
  readonly integration: Integration;
}

async function aStand(
  tasks: readonly TaskDraft[],
  verify: Verify = "merge",
  files: Readonly<Record<string, string>> = {},
): Promise<Stand> {
  const repo = aRepository({ "a.ts": "a", "b.ts": "b", ...files });
  repo.git("branch", "trunk");
  const stand = await createStand(openMemoryStore);
  const workspace = createWorkspace({ root: repo.root, env: testEnv, parseChecks });
  await stand.dispatch.importPlan(aPlan(tasks, { verify }), { actor: person });
  return { ...stand, repo, workspace, integration: integrationOf(stand, workspace) };
}

function integrationOf(
  stand: CoordinationStand,
  workspace: Workspace,
  // Only a work that takes long renews its turn.
  sleep: Timer["sleep"] = untilAborted,
): Integration {
  return createIntegration({
    ...stand,
    workspace,
    timer: { nowMs: () => stand.time.monotonicMs(), sleep },
    random: { bytes: (count) => new Uint8Array(count).fill(7) },
    policy,
    paths: { parse: (text) => parsePathPattern(text) },
    exempt: [parsePathPattern("dist/**")],
  });
}

function untilAborted(_ms: number, signal: AbortSignal | null): Promise<void> {
  return new Promise((resolve) => {
    signal?.addEventListener("abort", () => {
      resolve();
    });
  });
}

/** Gives the turn of whoever has it to another, and tells how long it would have lasted. */
async function passTurn({ store }: CoordinationStand): Promise<number> {
  return store.write(async (tx) => {
    const turn = await tx.get<{ readonly until_ms: number }>(
      "SELECT until_ms FROM integration_turns WHERE project = ?",
      [tx.project],
    );
    await tx.put("UPDATE integration_turns SET holder = 'another' WHERE project = ?", [tx.project]);
    return (turn?.until_ms ?? 0) - tx.nowMs;
  });
}

/** Lets what is under way in this process come to its end. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

interface Work {
  readonly task: string;
  readonly by?: string;
  readonly files: Readonly<Record<string, string | null>>;
}

/** A session claims a task, commits on a branch of its own, and submits. */
async function work(stand: Stand, { task, by = task, files }: Work): Promise<string> {
  const caller = aCaller(by);
  const { claim } = await stand.dispatch.nextTask(next(caller, { task }));
  if (claim === null) {
    throw new Error(`${task} was not handed out`);
  }
  const commit = stand.repo.commitOn(`work-${task}-${String(claim.fence)}`, files);
  await stand.dispatch.finishTask(finish(caller, { task, fence: claim.fence }, { commit }));
  return commit;
}

async function integrate(
  { integration }: Stand,
  odd: Partial<IntegrateOptions> = {},
): Promise<readonly Landing[]> {
  return integration.integrate({
    branch: "trunk",
    method: "rebase",
    plan: null,
    task: null,
    checks: [],
    by: person,
    signal: null,
    ...odd,
  });
}

function kinds(landings: readonly Landing[]): readonly string[] {
  return landings.map(({ task, result }) => `${task.id} ${result.kind} ${task.status}`);
}

async function expectSound(stand: Stand): Promise<void> {
  const facts = await stand.store.read((reader) => readStateFacts({ ...stand, policy }, reader));
  expect(checkInvariants(facts)).toEqual([]);
}

describe("integrate", () => {
  test("lands submitted work in the order of submission and frees its paths", async () => {
    const stand = await aStand([
      aTask("T1", { files: ["a.ts"] }),
      aTask("T2", { files: ["b.ts"] }),
      aTask("T3", { files: ["a.ts"], dependsOn: ["T1"] }),
    ]);
    await work(stand, { task: "T2", files: { "b.ts": "T2" } });
    await work(stand, { task: "T1", files: { "a.ts": "T1" } });
    const early = await stand.dispatch.nextTask(next(aCaller("early")));

    const landings = await integrate(stand);

    expect(early.claim).toBeNull();
    expect(kinds(landings)).toEqual(["T2 integrated done", "T1 integrated done"]);
    expect(stand.repo.git("show", "trunk:a.ts")).toBe("T1");
    expect(stand.repo.git("show", "trunk:b.ts")).toBe("T2");
    expect(await stand.store.read((reader) => stand.leases.list(reader))).toEqual([]);
    const { claim } = await stand.dispatch.nextTask(next(aCaller("late")));
    expect(claim?.task.id).toBe("T3");
    expect(claim?.baseCommits).toEqual([landings[1]?.task.integratedCommit]);
    await expectSound(stand);
  });

  test("takes along what is submitted under its own eyes, and nothing twice", async () => {
    const stand = await aStand([aTask("T1", { files: ["a.ts"] })]);
    await work(stand, { task: "T1", files: { "a.ts": "T1" } });

    expect(kinds(await integrate(stand))).toEqual(["T1 integrated done"]);
    expect(await integrate(stand)).toEqual([]);
  });

  test("writes merge commits with the task and its fence when asked to merge", async () => {
    const stand = await aStand([aTask("T1", { files: ["a.ts"] })]);
    await work(stand, { task: "T1", files: { "a.ts": "T1" } });

    const [landing] = await integrate(stand, { method: "merge" });

    expect(stand.repo.git("log", "-1", "--format=%s|%(trailers:separator=%x2C)", "trunk")).toBe(
      `T1: Do T1|Skein-Task: demo/T1,Skein-Fence: ${String(landing?.task.fence)}`,
    );
  });

  test("sends a conflict back to its worker with the files, once, and then to a person", async () => {
    const stand = await aStand([aTask("T1"), aTask("T2")]);
    await work(stand, { task: "T1", files: { "a.ts": "one" } });
    await work(stand, { task: "T2", by: "worker", files: { "a.ts": "two" } });

    const first = await integrate(stand);

    expect(kinds(first)).toEqual(["T1 integrated done", "T2 conflict pending"]);
    expect(first[1]?.task.feedback).toContain("conflicts with trunk in: a.ts");
    expect(first[1]?.task.cause).toBe("git_conflict");
    const head = stand.repo.git("rev-parse", "trunk");
    stand.time.advance(120_000);
    const retried = await stand.dispatch.nextTask(next(aCaller("worker")));
    expect(retried.inbox.map(({ text }) => text)).toEqual([
      expect.stringContaining("demo/T2 was sent back. Its commit conflicts with trunk in: a.ts"),
    ]);
    await stand.dispatch.finishTask(
      finish(
        aCaller("worker"),
        { task: "T2", fence: retried.claim?.fence ?? 0 },
        { commit: stand.repo.commitOn("again", { "a.ts": "three" }, "main") },
      ),
    );
    expect(kinds(await integrate(stand))).toEqual(["T2 conflict failed"]);
    const task = await stand.store.read((reader) => stand.plans.resolve(reader, "T2", null));
    expect(task.isDeadLetter).toBe(true);
    expect(stand.repo.git("rev-parse", "trunk")).toBe(head);
    await expectSound(stand);
  });

  test("sends work back that changes paths which its session never leased", async () => {
    const stand = await aStand([aTask("T1", { files: ["a.ts"] })]);
    await work(stand, { task: "T1", files: { "a.ts": "T1", "b.ts": "stray" } });
    const head = stand.repo.git("rev-parse", "trunk");

    const [landing] = await integrate(stand);

    expect(landing?.result).toEqual({
      kind: "out-of-scope",
      files: ["b.ts"],
      detail: "It changes paths beyond its scope that its session never leased: b.ts.",
    });
    expect(landing?.task).toMatchObject({ status: "pending", cause: "validation_failed" });
    expect(stand.repo.git("rev-parse", "trunk")).toBe(head);
  });

  test("lets paths beyond the scope through that were leased or need no lease", async () => {
    const stand = await aStand([aTask("T1", { files: ["a.ts"] })]);
    const caller = aCaller("T1");
    await stand.dispatch.claimFiles({
      caller,
      paths: ["b.ts"],
      mode: "exclusive",
      durationMs: null,
      reason: "needed",
      waitMs: 0,
      origin: "edit",
      key: null,
      signal: null,
    });
    await work(stand, { task: "T1", files: { "b.ts": "T1", "dist/out.js": "built" } });

    expect(kinds(await integrate(stand))).toEqual(["T1 integrated done"]);
  });

  test("runs checks on the result and sends work back with their output", async () => {
    const checks = 'checks: { test: { run: [sh, -c, "echo broken: $(cat a.ts); exit 1"] } }';
    const stand = await aStand([aTask("T1", { files: ["a.ts"] })], "merge", {
      "skein.yml": checks,
    });
    await work(stand, { task: "T1", files: { "a.ts": "T1" } });
    const head = stand.repo.git("rev-parse", "trunk");

    const [landing] = await integrate(stand, { checks: ["test"] });

    expect(landing?.task).toMatchObject({ status: "pending", cause: "validation_failed" });
    expect(landing?.task.feedback).toContain("broken: T1");
    expect(stand.repo.git("rev-parse", "trunk")).toBe(head);
  });

  test("runs the check that a plan is proven by on the result, before the branch moves", async () => {
    const stand = await aStand([aTask("T1", { files: ["a.ts"] })], "check:good", {
      "skein.yml": "checks: { good: { run: grep -q good a.ts } }",
    });
    await work(stand, { task: "T1", files: { "a.ts": "bad" } });
    const head = stand.repo.git("rev-parse", "trunk");

    const refused = kinds(await integrate(stand));
    const after = stand.repo.git("rev-parse", "trunk");
    await work(stand, { task: "T1", files: { "a.ts": "good" } });

    expect([refused, after]).toEqual([["T1 check-failed pending"], head]);
    expect(kinds(await integrate(stand))).toEqual(["T1 integrated done"]);
  });

  test("skips a commit that this repository does not have", async () => {
    const stand = await aStand([aTask("T1")]);
    const caller = aCaller("ada");
    const { claim } = await stand.dispatch.nextTask(next(caller));
    const fence = claim?.fence ?? 0;
    await stand.dispatch.finishTask(
      finish(caller, { task: "T1", fence }, { commit: "f".repeat(40) }),
    );

    expect(kinds(await integrate(stand))).toEqual(["T1 skipped submitted"]);
  });

  test("leaves a task submitted while the branch cannot be moved", async () => {
    const stand = await aStand([aTask("T1", { files: ["a.ts"] })]);
    await work(stand, { task: "T1", files: { "a.ts": "T1" } });
    writeFileSync(join(stand.repo.root, "a.ts"), "half done");

    expect(kinds(await integrate(stand, { branch: "main" }))).toEqual(["T1 retry submitted"]);
  });

  test("refuses a second integrator until the first has ended or its turn has run out", async () => {
    const stand = await aStand([aTask("T1", { files: ["a.ts"] })]);
    await work(stand, { task: "T1", files: { "a.ts": "T1" } });
    await stand.store.write((tx) =>
      tx.run("INSERT INTO integration_turns (project, holder, until_ms) VALUES (?, ?, ?)", [
        tx.project,
        "another",
        tx.nowMs + 20_000,
      ]),
    );

    await expect(integrate(stand)).rejects.toMatchObject({
      code: "SKN-4811",
      retryAfterMs: expect.any(Number),
    });
    stand.time.advance(20_001);
    expect(kinds(await integrate(stand))).toEqual(["T1 integrated done"]);
  });

  test("lands nothing more once its turn, which lasts 20 s, has gone to another", async () => {
    const stand = await aStand([
      aTask("T1", { files: ["a.ts"] }),
      aTask("T2", { files: ["b.ts"] }),
    ]);
    await work(stand, { task: "T1", files: { "a.ts": "T1" } });
    await work(stand, { task: "T2", files: { "b.ts": "T2" } });
    const due = new AbortController();
    let lastsMs = 0;
    const integration = integrationOf(
      stand,
      {
        ...stand.workspace,
        integrate: async (request) => {
          lastsMs = await passTurn(stand);
          due.abort();
          await settle();
          return stand.workspace.integrate(request);
        },
      },
      async (ms, signal) => untilAborted(ms, signal && AbortSignal.any([signal, due.signal])),
    );

    const landings = await integrate({ ...stand, integration });

    expect(lastsMs).toBe(20_000);
    expect(kinds(landings)).toEqual(["T1 integrated done"]);
  });

  test("records what a killed integrator had brought onto the branch", async () => {
    const stand = await aStand([aTask("T1", { files: ["a.ts"] })]);
    await work(stand, { task: "T1", files: { "a.ts": "T1" } });
    stand.repo.commitOn("trunk", { "b.ts": "meanwhile" });
    const killed = integrationOf(stand, {
      ...stand.workspace,
      integrate: async (request) => {
        await stand.workspace.integrate(request);
        throw new Error("killed");
      },
    });
    await expect(integrate({ ...stand, integration: killed })).rejects.toThrow("killed");
    const head = stand.repo.git("rev-parse", "trunk");

    const landings = await integrate(stand);

    expect(kinds(landings)).toEqual(["T1 already done"]);
    expect(landings[0]?.task.integratedCommit).toBe(head);
    expect(stand.repo.git("rev-parse", "trunk")).toBe(head);
    await expectSound(stand);
  });

  test("records nothing for a task that was canceled while git worked", async () => {
    const stand = await aStand([aTask("T1", { files: ["a.ts"] })]);
    await work(stand, { task: "T1", files: { "a.ts": "T1" } });
    const integration = integrationOf(stand, {
      ...stand.workspace,
      integrate: async (request) => {
        const result = await stand.workspace.integrate(request);
        await stand.dispatch.cancelTask("T1", { actor: person, reason: "not wanted" });
        return result;
      },
    });

    const landings = await integrate({ ...stand, integration });

    expect(kinds(landings)).toEqual(["T1 skipped canceled"]);
    await expectSound(stand);
  });
});

describe("verifyTask", () => {
  test("proves a squash merge by its patch and marks the task done", async () => {
    const stand = await aStand([aTask("T1", { files: ["a.ts"] })]);
    await work(stand, { task: "T1", files: { "a.ts": "T1" } });
    const verify = { task: "T1", branch: "trunk", by: person } as const;

    await expect(stand.integration.verifyTask(verify)).rejects.toMatchObject({ code: "SKN-4813" });
    const squash = stand.repo.commitOn("trunk", { "a.ts": "T1" });
    const task = await stand.integration.verifyTask(verify);

    expect(task).toMatchObject({ status: "done", integratedCommit: squash });
    expect(await stand.integration.verifyTask(verify)).toEqual(task);
  });

  test("takes a lead's word after integration, and not the worker's own", async () => {
    const stand = await aStand([aTask("T1", { files: ["a.ts"] })], "lead");
    await work(stand, { task: "T1", by: "worker", files: { "a.ts": "T1" } });
    const lead = await stand.dispatch.identify(aCaller("boss", { role: "lead" }));
    const verify = { task: "T1", branch: "trunk" };

    const [landing] = await integrate(stand);
    await expect(
      stand.integration.verifyTask({ ...verify, by: `session:${landing?.task.session ?? ""}` }),
    ).rejects.toMatchObject({ code: "SKN-3811", kind: "auth" });
    const task = await stand.integration.verifyTask({
      ...verify,
      by: `session:${lead.session.id}`,
    });

    expect(landing?.task).toMatchObject({
      status: "submitted",
      integratedCommit: expect.any(String),
    });
    expect(task.status).toBe("done");
  });

  test("runs the plan's check on the branch", async () => {
    const checks = "checks: { good: { run: grep -q good a.ts } }";
    const stand = await aStand([aTask("T1", { files: ["a.ts"] })], "check:good", {
      "skein.yml": checks,
    });
    const commit = await work(stand, { task: "T1", files: { "a.ts": "bad" } });
    stand.repo.git("update-ref", "refs/heads/trunk", commit);
    const verify = { task: "T1", branch: "trunk", by: person } as const;

    await expect(stand.integration.verifyTask(verify)).rejects.toMatchObject({ code: "SKN-4814" });
    stand.repo.commitOn("trunk", { "a.ts": "good" });
    expect((await stand.integration.verifyTask(verify)).status).toBe("done");
  });

  test("refuses a task that is not submitted", async () => {
    const stand = await aStand([aTask("T1")]);

    await expect(
      stand.integration.verifyTask({ task: "T1", branch: "trunk", by: person }),
    ).rejects.toMatchObject({ code: "SKN-4812" });
  });
});
