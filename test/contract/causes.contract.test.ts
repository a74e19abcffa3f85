import { describe, expect, test } from "vitest";
import type { Event } from "../../src/core/events/index.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";

const ana = { actor: "person:ana", reason: "stuck" } as const;
const byAna = { by: null, person: "ana", reason: "stuck" } as const;

async function all({ store, events }: CoordinationStand): Promise<readonly Event[]> {
  return store.read((reader) => events.after(reader, 0, 1_000));
}

/** Of the newest event of a kind: its own and those that led to it, back to the first, as `skein events --why` goes. */
async function chainOf(stand: CoordinationStand, kind: string): Promise<readonly string[]> {
  const events = await all(stand);
  const chain: string[] = [];
  let event = events.findLast((each) => each.kind === kind);
  while (event !== undefined) {
    chain.push(event.kind);
    const { cause } = event;
    event = cause === null ? undefined : events.find(({ seq }) => seq === cause);
  }
  return chain;
}

/** `ada` holds T1 with its path; T2 waits for it, and T3 is a child of B. */
async function aBoard(open: Parameters<typeof createStand>[0]): Promise<CoordinationStand> {
  const stand = await createStand(open);
  const tasks = [
    aTask("T1", { files: ["src/a.ts"], priority: "critical" }),
    aTask("T2", { dependsOn: ["T1"] }),
    aTask("B", {}),
    aTask("T3", { parent: "B", files: ["src/c.ts"] }),
    aTask("T4", { dependsOn: ["B"] }),
  ];
  await stand.dispatch.importPlan(aPlan(tasks, { verify: "merge" }), { actor: "person:ana" });
  await stand.dispatch.nextTask(next(aCaller("ada")));
  return stand;
}

async function claimPath({ dispatch }: CoordinationStand, path: string): Promise<string> {
  const outcome = await dispatch.claimFiles({
    caller: aCaller("bob"),
    paths: [path],
    mode: "exclusive",
    durationMs: 60_000,
    reason: "to try",
    waitMs: 0,
    origin: "files",
    key: null,
    signal: null,
  });
  return outcome.leases[0]?.id ?? "";
}

const tenMinutesMs = 600_000;

/** Lets ten minutes pass without a call of anybody, also where the clock is a server's: leases of a minute and questions are over, sessions live. */
async function timePasses({ store, time }: CoordinationStand): Promise<void> {
  await store.write(async (tx) => {
    const by = [tenMinutesMs, tx.project];
    await tx.run("UPDATE sessions SET renewed_at_ms = renewed_at_ms - ? WHERE project = ?", by);
    await tx.run("UPDATE approvals SET deadline_ms = deadline_ms - ? WHERE project = ?", by);
    await tx.run(
      `UPDATE leases SET granted_at_ms = granted_at_ms - ?, renewed_at_ms = renewed_at_ms - ?, check_at_ms = 0
      WHERE project = ?`,
      [tenMinutesMs, ...by],
    );
  });
  time.advance(2_000);
}

eachStore("what led to an event", (open) => {
  describe("that somebody forced", () => {
    test("is the claim that was taken back, and for its paths the taking back", async () => {
      const stand = await aBoard(open);
      await stand.dispatch.releaseTask({ target: "T1", ...byAna });

      expect(await chainOf(stand, "lease.released")).toEqual([
        "lease.released",
        "task.released",
        "task.claimed",
      ]);
    });

    test("is the same where a task is given to another", async () => {
      const stand = await aBoard(open);
      await stand.dispatch.reassign({ target: "T1", to: null, ...byAna });

      expect(await chainOf(stand, "lease.released")).toEqual([
        "lease.released",
        "task.released",
        "task.claimed",
      ]);
    });

    test("is the grant of the lease that was ended", async () => {
      const stand = await aBoard(open);
      const lease = await claimPath(stand, "docs/x.md");
      await stand.dispatch.forceRelease({ target: lease, ...byAna });

      expect(await chainOf(stand, "lease.released")).toEqual(["lease.released", "lease.granted"]);
    });

    test("is the end of the session whose question is taken back", async () => {
      const stand = await aBoard(open);
      const { session } = await stand.dispatch.identify(aCaller("ada"));
      const asked = { session: session.id, plan: null, task: null, question: "Which?" };
      await stand.store.write((tx) =>
        stand.approvals.ask(tx, { ...asked, options: [], deadlineInMs: null }),
      );
      await stand.dispatch.revoke({ target: session.id, ...byAna });

      expect(await chainOf(stand, "approval.withdrawn")).toEqual([
        "approval.withdrawn",
        "session.ended",
      ]);
    });
  });

  describe("that follows a cancellation", () => {
    test("is that of the task whose paths are free and whose dependents are blocked", async () => {
      const stand = await aBoard(open);
      await stand.dispatch.cancelTask("T1", ana);

      expect(await chainOf(stand, "lease.released")).toEqual(["lease.released", "task.canceled"]);
      expect(await chainOf(stand, "task.blocked")).toEqual(["task.blocked", "task.canceled"]);
    });

    test("is that of the last child, for its container and what waits for that", async () => {
      const stand = await aBoard(open);
      await stand.dispatch.cancelTask("T3", ana);

      expect(await chainOf(stand, "task.blocked")).toEqual([
        "task.blocked",
        "task.canceled",
        "task.canceled",
      ]);
    });

    test("is that of the plan", async () => {
      const stand = await aBoard(open);
      await stand.dispatch.cancelPlan("demo", ana);

      expect(await chainOf(stand, "lease.released")).toEqual([
        "lease.released",
        "task.canceled",
        "plan.canceled",
      ]);
    });

    test("is the failure, where claims end with it", async () => {
      const stand = await aBoard(open);
      const { claim } = await stand.dispatch.nextTask(next(aCaller("bob"), { task: "T3" }));
      await stand.dispatch.cancelTask("B", ana);

      expect(claim?.task.id).toBe("T3");
      expect(await chainOf(stand, "lease.released")).toEqual(["lease.released", "task.canceled"]);
      await stand.dispatch.retryTask("B", ana);
      expect(await chainOf(stand, "task.retried")).toEqual(["task.retried", "task.retried"]);
    });
  });

  describe("that time brought", () => {
    test("is the grant of a lease that is over", async () => {
      const stand = await aBoard(open);
      await claimPath(stand, "docs/x.md");
      await timePasses(stand);
      await stand.dispatch.recover();

      expect(await chainOf(stand, "lease.released")).toEqual(["lease.released", "lease.granted"]);
    });

    test("is the same where who wants the paths ends it", async () => {
      const stand = await aBoard(open);
      await claimPath(stand, "docs/x.md");
      await timePasses(stand);
      await stand.store.write((tx) =>
        stand.leases.conflicts(tx, {
          session: "s9",
          ancestors: [],
          patterns: [{ kind: "literal", text: "docs/x.md" }],
          mode: "exclusive",
        }),
      );

      expect(await chainOf(stand, "lease.released")).toEqual(["lease.released", "lease.granted"]);
    });

    test("is the question that nobody answered", async () => {
      const stand = await aBoard(open);
      const { session } = await stand.dispatch.identify(aCaller("ada"));
      const asked = { session: session.id, plan: null, task: null, question: "Which?" };
      await stand.store.write((tx) =>
        stand.approvals.ask(tx, { ...asked, options: [], deadlineInMs: null }),
      );
      await timePasses(stand);
      await stand.dispatch.recover();

      expect(await chainOf(stand, "approval.expired")).toEqual([
        "approval.expired",
        "approval.asked",
      ]);
    });
  });

  test("is the submission of a task, for the paths that land", async () => {
    const stand = await aBoard(open);
    const ada = aCaller("ada");
    const { claim } = await stand.dispatch.nextTask(next(ada));
    await stand.dispatch.finishTask(finish(ada, { task: "T1", fence: claim?.fence ?? 0 }));

    expect(await chainOf(stand, "lease.landing")).toEqual(["lease.landing", "task.submitted"]);
  });
});
