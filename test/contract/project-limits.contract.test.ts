import { describe, expect, test } from "vitest";
import { noLimits } from "../../src/core/base/project-limits.ts";
import { migrations } from "../../src/core/index.ts";
import type { ProjectLimits } from "../../src/core/base/project-limits.ts";
import type { ClaimFilesRequest } from "../../src/core/dispatch/index.ts";
import type { LeaseOutcome, PathRequest } from "../../src/core/leases/index.ts";
import type { Reach } from "../../src/core/messages/index.ts";
import type { Session } from "../../src/core/sessions/index.ts";
import type { Transaction } from "../../src/core/store/index.ts";
import { limitsOf, toLimits } from "../../src/settings/limits.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { countingOpener } from "../support/counted-store.ts";
import { aSend } from "../support/nouns.ts";
import { eachStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";

function pathOf(name: string, path: string): ClaimFilesRequest {
  return {
    caller: aCaller(name),
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

function aRequest(stand: CoordinationStand, session: Session["id"]): PathRequest {
  return {
    session,
    ancestors: [],
    patterns: [stand.parsePath("two.ts")],
    mode: "exclusive",
    origin: "files",
    reason: "",
    durationMs: 1_800_000,
    plan: null,
    task: null,
    branch: null,
    queue: false,
  };
}

/** How many statements a claim of a task asks of the store. */
async function costOfClaim(
  open: OpenTestStore,
  project: string,
  limits: ProjectLimits,
): Promise<number> {
  const [counted, counts] = countingOpener(open);
  const opened = await counted({ migrations, project });
  const { dispatch } = await createStand(async () => Promise.resolve(opened), 1, { limits });
  await dispatch.importPlan(aPlan([aTask("T1", { files: ["src/"] })]), { actor });
  await dispatch.identify(aCaller("ada"));
  await dispatch.recover();
  const before = counts.statements;
  const { claim } = await dispatch.nextTask(next(aCaller("ada")));
  expect(claim?.leases).toHaveLength(1);
  return counts.statements - before;
}

/** A project whose log is as full as it may be, where ada has one task of a plan and bob a path. */
async function fill(open: OpenTestStore, events: number) {
  const stand = await createStand(open, 1, { limits: { ...noLimits, events } });
  const { dispatch, store } = stand;
  await dispatch.importPlan(aPlan(two, { id: "one" }), { actor });
  const { claim } = await dispatch.nextTask(next(aCaller("ada")));
  await dispatch.claimFiles(pathOf("bob", "one.ts"));
  await store.write(async (tx) => appendUntil(stand, tx, events));
  const held = { task: `one/${claim?.task.id ?? ""}`, fence: claim?.fence ?? 0 };
  return { ...stand, held };
}

async function appendUntil(
  { events }: CoordinationStand,
  tx: Transaction,
  last: number,
): Promise<void> {
  for (let seq = await events.nextSeq(tx); seq <= last; seq += 1) {
    await events.append(tx, { kind: "log.filled", actor, cause: null, data: {}, changes: [] });
  }
}

/** An update that says nothing. */
const still = { note: null, percent: null, addPaths: [], usage: [], key: null } as const;

const actor = "person:ana";
const two = [aTask("T1"), aTask("T2")];

eachStore("the limits of a project", (open) => {
  test("let no more sessions live than they say; the end of one makes room, and one that is known comes back", async () => {
    const { dispatch } = await createStand(open, 1, { limits: { ...noLimits, sessions: 2 } });
    await dispatch.identify(aCaller("ada"));
    const { session } = await dispatch.identify(aCaller("bob"));

    await expect(dispatch.identify(aCaller("cleo"))).rejects.toMatchObject({
      code: "SKN-7302",
      kind: "unavailable",
      retryAfterMs: 60_000,
      facts: { most: 2 },
    });
    expect((await dispatch.identify(aCaller("bob"))).session.id).toBe(session.id);
    await dispatch.revoke({ target: session.id, by: null, person: "ana", reason: "home" });
    expect((await dispatch.identify(aCaller("cleo"))).session.name).not.toBe("");
  });

  test("take in no plan that would open more tasks than they say, and nothing of it", async () => {
    const stand = await createStand(open, 1, { limits: { ...noLimits, openTasks: 3 } });
    const { dispatch, plans, store } = stand;
    await dispatch.importPlan(aPlan(two, { id: "one" }), { actor });

    await expect(dispatch.importPlan(aPlan(two, { id: "two" }), { actor })).rejects.toMatchObject({
      code: "SKN-4405",
      facts: { open: 4, most: 3 },
    });
    expect(await store.read((reader) => plans.findPlan(reader, "two"))).toBeNull();
    // What is there may be imported again, and what has ended makes room.
    await dispatch.importPlan(aPlan(two, { id: "one", title: "Again" }), { actor });
    const { claim } = await dispatch.nextTask(next(aCaller("ada")));
    const held = { task: `one/${claim?.task.id ?? ""}`, fence: claim?.fence ?? 0 };
    await dispatch.finishTask(finish(aCaller("ada"), held));
    await dispatch.importPlan(aPlan(two, { id: "two" }), { actor });
    expect(await store.read((reader) => plans.findPlan(reader, "two"))).not.toBeNull();
  });

  test("let no more leases be held than they say; those of tasks neither count nor are refused", async () => {
    const stand = await createStand(open, 1, { limits: { ...noLimits, leases: 2 } });
    const { dispatch } = stand;
    const scopes = ["src/a/", "src/b/", "src/c/"];
    const tasks = scopes.map((files, at) => aTask(`T${String(at)}`, { files: [files] }));
    await dispatch.importPlan(aPlan(tasks), { actor });
    await dispatch.nextTask(next(aCaller("bob")));
    const first = await dispatch.claimFiles(pathOf("ada", "one.ts"));
    await dispatch.claimFiles(pathOf("ada", "two.ts"));

    await expect(dispatch.claimFiles(pathOf("cleo", "three.ts"))).rejects.toMatchObject({
      code: "SKN-7503",
      kind: "unavailable",
      retryAfterMs: 60_000,
      facts: { most: 2 },
    });
    // What is held already is renewed, and tasks come with theirs.
    expect((await dispatch.claimFiles(pathOf("ada", "one.ts"))).leases).toMatchObject([
      { id: first.leases[0]?.id },
    ]);
    expect((await dispatch.nextTask(next(aCaller("dora")))).claim?.leases).toHaveLength(1);
    await dispatch.releaseFiles({ caller: aCaller("ada"), leases: ["two.ts"], key: null });
    expect((await dispatch.claimFiles(pathOf("cleo", "three.ts"))).granted).toBe(true);
  });

  test("end first what nobody has ended though its time is over", async () => {
    const stand = await createStand(open, 1, { limits: { ...noLimits, leases: 1 } });
    const { dispatch, store, leases } = stand;
    await dispatch.claimFiles(pathOf("ada", "one.ts"));
    const { session } = await dispatch.identify(aCaller("bob"));
    const ask = async (): Promise<LeaseOutcome> =>
      store.write((tx) => leases.request(tx, aRequest(stand, session.id)));

    await expect(ask()).rejects.toMatchObject({ code: "SKN-7503" });
    await store.write(async (tx) => {
      await tx.put("UPDATE sessions SET renewed_at_ms = 1 WHERE project = ?", [tx.project]);
      await tx.put(
        "UPDATE leases SET granted_at_ms = 1, renewed_at_ms = 1, check_at_ms = 1 WHERE project = ?",
        [tx.project],
      );
    });

    expect((await ask()).kind).toBe("granted");
    expect(await store.read((reader) => leases.get(reader, "L1"))).toMatchObject({
      releaseReason: "expired",
    });
  });

  test("ask nothing of the store for a claim, whatever they are", async () => {
    const limited = { ...noLimits, openTasks: 9, leases: 9, messages: 9, sessions: 9, events: 99 };

    expect(await costOfClaim(open, "limited", limited)).toBe(
      await costOfClaim(open, "free", noLimits),
    );
  });

  test("keep no more messages than they say; what has expired makes room, and Skein's own are never refused", async () => {
    const stand = await createStand(open, 1, { limits: { ...noLimits, messages: 3 } });
    const { store, messages } = stand;
    const send = async (odd: Parameters<typeof aSend>[0]): Promise<Reach> =>
      store.write((tx) => messages.send(tx, aSend(odd)));
    await send({ text: "one", expiresInMs: 3_600_000 });
    await send({ text: "two" });
    await send({ text: "three" });

    await expect(send({ text: "four" })).rejects.toMatchObject({
      code: "SKN-4601",
      kind: "conflict",
      facts: { most: 3 },
    });
    await store.write((tx) =>
      tx.put("UPDATE messages SET expires_at_ms = 1 WHERE project = ? AND number = 1", [
        tx.project,
      ]),
    );
    await send({ text: "five" });
    await expect(send({ text: "six" })).rejects.toMatchObject({ code: "SKN-4601" });
    await send({ text: "seven", isNotice: true });

    const kept = await store.read((reader) => messages.list(reader));
    expect(kept.map(({ text }) => text)).toEqual(["two", "three", "five", "seven"]);
  });

  test("begin nothing new where the log is full; what is under way is renewed, told, finished and given back", async () => {
    const filled = await fill(open, 60);
    const { dispatch, store, events, messages } = filled;
    const bob = aCaller("bob");

    const refusals = [
      async () => dispatch.identify(aCaller("cleo")),
      async () => dispatch.importPlan(aPlan(two, { id: "two" }), { actor }),
      async () => dispatch.claimFiles(pathOf("bob", "three.ts")),
      async () => dispatch.nextTask(next(bob)),
      async () => store.write((tx) => messages.send(tx, aSend({ text: "four" }))),
      async () => store.write((tx) => messages.sendBatch(tx, [aSend({ text: "five" })])),
    ];
    for (const [at, refused] of refusals.entries()) {
      await expect(refused(), String(at)).rejects.toMatchObject({
        code: "SKN-4201",
        kind: "conflict",
        facts: { events: 60, most: 60 },
      });
    }
    expect(await store.read((reader) => events.head(reader))).toMatchObject({ seq: 60 });

    await store.write((tx) => messages.send(tx, aSend({ text: "a notice", isNotice: true })));
    const update = { caller: aCaller("ada"), ...filled.held };
    await dispatch.updateTask({ ...still, ...update, note: "half of it is there", percent: 50 });
    await dispatch.claimFiles(pathOf("bob", "one.ts"));
    await dispatch.releaseFiles({ caller: bob, leases: ["one.ts"], key: null });
    const ended = await dispatch.finishTask(
      finish(aCaller("ada"), filled.held, { claimNext: true }),
    );

    expect(ended.task.status).toBe("done");
    expect(ended.next).toBeNull();
  });

  test("keep a tenth of the log for what work under way says; its end and a mere renewal need none", async () => {
    const { dispatch, store, events, approvals, held } = await fill(open, 60);
    const update = { ...still, caller: aCaller("ada"), ...held };
    let told = 0;
    const tell = async (): Promise<void> => {
      for (; told < 60; told += 1) {
        await dispatch.updateTask({ ...update, note: `note ${String(told)}` });
      }
    };

    await expect(tell()).rejects.toMatchObject({ code: "SKN-4201", facts: { most: 60 } });
    expect(told).toBe(6);
    await expect(dispatch.updateTask({ ...update, addPaths: ["x.ts"] })).rejects.toMatchObject({
      code: "SKN-4201",
    });
    const { session } = await dispatch.identify(aCaller("bob"));
    const question = { session: session.id, plan: null, task: null, question: "So?", options: [] };
    await expect(
      store.write((tx) => approvals.ask(tx, { ...question, deadlineInMs: null })),
    ).rejects.toMatchObject({ code: "SKN-4201" });
    expect((await dispatch.updateTask(update)).task.status).toBe("claimed");
    expect((await dispatch.finishTask(finish(aCaller("ada"), held))).task.status).toBe("done");
    expect((await store.read((reader) => events.head(reader))).seq).toBeGreaterThan(66);
  });

  test("leave the answer of a finish_task that is made again as it was: with the task that it gave", async () => {
    const filled = await fill(open, 60);
    const { dispatch, store, events } = filled;
    await store.write((tx) => events.archive(tx, tx.nowMs + 1));
    const request = finish(aCaller("ada"), filled.held, { claimNext: true, key: "k1" });
    const first = await dispatch.finishTask(request);
    await store.write(async (tx) => appendUntil(filled, tx, 130));

    const again = await dispatch.finishTask(request);

    expect(first.next?.claim?.task.id).toBe("T2");
    expect(again.next?.claim).toMatchObject({
      task: { id: "T2" },
      fence: first.next?.claim?.fence,
    });
  });

  test("is as full as before where the archiving was undone", async () => {
    const { store, events } = await fill(open, 60);
    const undone = store.write(async (tx) => {
      await events.archive(tx, tx.nowMs + 1);
      await events.ensureRoom(tx, "new");
      throw new Error("undone");
    });

    await expect(undone).rejects.toThrow("undone");

    expect(await store.write((tx) => events.isFull(tx, "new"))).toBe(true);
  });

  test("count what is archived no more", async () => {
    const { dispatch, store, events } = await fill(open, 60);
    await expect(dispatch.identify(aCaller("cleo"))).rejects.toMatchObject({ code: "SKN-4201" });
    await store.write((tx) => events.archive(tx, tx.nowMs + 1));

    const { session } = await dispatch.identify(aCaller("cleo"));
    expect(session.name).not.toBe("");
  });

  test("count each project of a store by itself", async () => {
    const limits = { ...noLimits, sessions: 1 };
    const one = await createStand(open, 1, { limits });
    const { store, time } = await open({ migrations, project: "other" });
    const other = await createStand(async () => Promise.resolve({ store, time }), 2, { limits });
    await one.dispatch.identify(aCaller("ada"));

    await expect(one.dispatch.identify(aCaller("bob"))).rejects.toMatchObject({ code: "SKN-7302" });
    expect((await other.dispatch.identify(aCaller("bob"))).session.id).toBe("s1");
  });
});

describe("limitsOf", () => {
  test("takes those of a project over those of all, one by one", () => {
    const limits = toLimits({
      sessions: 50,
      events: 5_000,
      requests_per_minute: 600,
      projects: { "acme/shop": { open_tasks: 10, leases: 20, messages: 30 } },
    });
    const all = { ...noLimits, sessions: 50, events: 5_000, requestsPerMinute: 600 };

    expect(limitsOf(limits, "acme/shop")).toEqual({
      ...all,
      openTasks: 10,
      leases: 20,
      messages: 30,
    });
    expect(limitsOf(limits, "acme/web")).toEqual(all);
    expect(limitsOf(toLimits({}), "acme/web")).toEqual(noLimits);
  });
});
