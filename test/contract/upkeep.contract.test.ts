import { hash } from "node:crypto";

import { describe, expect, test } from "vitest";
import { migrations } from "../../src/core/index.ts";
import { checkInvariants, createUpkeep, readStateFacts } from "../../src/core/upkeep/index.ts";
import type { StateExport } from "../../src/core/upkeep/index.ts";
import { aCaller, aPlan, aTask, finish, next } from "../support/coordination.ts";
import { eachStore, openMemoryStore } from "../support/stores.ts";
import { lively, openUpkeep, policy } from "../support/upkeep-stand.ts";
import type { UpkeepStand } from "../support/upkeep-stand.ts";

const ada = aCaller("ada");
const bob = aCaller("bob", { role: "reviewer", skills: ["css"] });
const dayMs = 86_400_000;

/** What an edited export looks like as text. */
function edited(state: StateExport, edit: (copy: Editable) => void): string {
  const copy: Editable = JSON.parse(JSON.stringify(state));
  edit(copy);
  return JSON.stringify(copy);
}

type Editable = Record<string, Record<string, unknown>[]> & {
  tables: Record<string, Record<string, unknown>[]>;
  schema_version: unknown;
};

eachStore("upkeep", (open) => {
  describe("export", () => {
    test("has the fields of the contract", async () => {
      const { upkeep } = await lively(open);

      const state = await upkeep.export();

      expect(state.schema_version).toBe(1);
      expect(state.tasks[0]).toMatchObject({
        id: "T1",
        plan: "demo",
        status: "submitted",
        attempts: [
          {
            session: "s1",
            fence: expect.any(Number),
            outcome: "submitted",
            started_at: expect.any(Number),
            ended_at: expect.any(Number),
          },
        ],
      });
      for (const field of ["id", "session", "task", "patterns", "mode", "fence", "from", "until"]) {
        expect(state.leases[0]).toHaveProperty(field);
      }
      expect(state.leases.at(-1)).toMatchObject({ mode: "shared", released_at: null });
      for (const field of ["seq", "at", "kind", "actor", "cause", "data", "prev_hash", "hash"]) {
        expect(state.events[0]).toHaveProperty(field);
      }
      expect(state.ledger).toMatchObject([{ micro_usd: 1_200, task: "T1" }]);
      expect(state.messages).toMatchObject([{ text: "hello", to: "all" }]);
      expect(state.approvals).toMatchObject([{ question: "May I?", state: "open" }]);
      expect(state.budgets.map(({ scope }) => scope)).toContain("plan:demo");
    });

    test("holds no handle and no hash of one", async () => {
      const { upkeep, store, sessions } = await lively(open);
      const handle = await store.write(async (tx) => {
        const session = await sessions.find(tx, "s1");
        return session === null ? "" : sessions.mintHandle(tx, session);
      });

      const text = JSON.stringify(await upkeep.export());

      expect(handle.length).toBeGreaterThan(20);
      expect(text).not.toContain(handle);
      expect(text).not.toContain("session_handles");
    });
  });

  describe("import", () => {
    test("restores everything, byte for byte, so that work goes on", async () => {
      const source = await lively(open);
      const state = await source.upkeep.export();
      const target = await openUpkeep(open, "copy");

      const { rows } = await target.upkeep.import(JSON.stringify(state));

      const restored = await target.upkeep.export();
      expect({ ...restored, project: "", exported_at: 0 }).toEqual({
        ...state,
        project: "",
        exported_at: 0,
      });
      expect(rows).toBeGreaterThan(20);
      expect(await target.upkeep.verify()).toEqual({
        isClean: true,
        events: state.events.length,
        violations: [],
      });
      const after = await target.dispatch.nextTask(next(ada));
      expect(after.claim).toMatchObject({ isHeld: true, task: { id: "T4" } });
    });

    test("restores what a version without principals wrote", async () => {
      const source = await lively(open);
      const state = await source.upkeep.export();
      const { sessions = [], access_tokens: _, ...tables } = state.tables;
      const older = sessions.map(({ principal: __, ...row }) => row);
      const target = await openUpkeep(open, "copy");

      await target.upkeep.import(
        JSON.stringify({ ...state, tables: { ...tables, sessions: older } }),
      );

      expect(older.length).toBeGreaterThan(0);
      expect((await target.upkeep.export()).tables["sessions"]).toEqual(sessions);
      expect((await target.upkeep.verify()).isClean).toBe(true);
    });

    test("moves whose session it is, and tokens that open nothing, whatever the file says", async () => {
      const source = await lively(open);
      const principal = { id: "token:t1", kind: "token", role: "agent" } as const;
      await source.dispatch.identify(aCaller("far", { principal }));
      const { text } = await source.store.write((tx) =>
        source.access.tokens.create(tx, { role: "admin", by: "person:eve" }),
      );
      const state = await source.upkeep.export();
      const planted = (state.tables["access_tokens"] ?? []).map((row) => ({
        ...row,
        hash: hash("sha256", text),
      }));
      const target = await openUpkeep(open, "copy");

      await target.upkeep.import(
        JSON.stringify({ ...state, tables: { ...state.tables, access_tokens: planted } }),
      );

      const far = await target.store.read(async (reader) =>
        (await target.sessions.list(reader, "all")).find(({ name }) => name === "far"),
      );
      const moved = await target.store.read((reader) => target.access.tokens.list(reader));
      const { token } = await target.store.write((tx) =>
        target.access.tokens.create(tx, { role: "viewer", by: "person:eve" }),
      );
      expect(JSON.stringify(state)).not.toContain(hash("sha256", text));
      expect(far?.principal).toBe("token:t1");
      expect(moved).toMatchObject([{ id: "t1", role: "admin", isVoid: true }]);
      expect(token.id).toBe("t2");
      await expect(
        target.access.tokens.authenticate(target.store, text.replace("skein_demo", "skein_copy")),
      ).rejects.toMatchObject({ code: "SKN-3351" });
      expect((await target.upkeep.verify()).isClean).toBe(true);
    });

    test("refuses a project that has rows, and changes nothing there", async () => {
      const { upkeep } = await lively(open);
      const before = await upkeep.export();

      await expect(upkeep.import(JSON.stringify(before))).rejects.toMatchObject({
        code: "SKN-4821",
      });

      expect((await upkeep.export()).events).toEqual(before.events);
    });

    test("names the place of every kind of fault, and leaves nothing behind", async () => {
      const source = await lively(open);
      const state = await source.upkeep.export();
      const target = await openUpkeep(open, "copy");
      const faults: readonly (readonly [string, string, string | undefined])[] = [
        ["", "SKN-1821", undefined],
        [JSON.stringify(state).slice(0, -5), "SKN-1821", undefined],
        ["[]", "SKN-1822", "$"],
        [edited(state, (copy) => (copy.schema_version = 99)), "SKN-1823", "schema_version"],
        [edited(state, (copy) => delete copy["leases"]), "SKN-1822", "leases"],
        [edited(state, (copy) => (copy.tables["evil"] = [])), "SKN-1822", "tables.evil"],
        [
          edited(state, (copy) => ((copy.tables["tasks"]?.[1] ?? {})["fence"] = "x")),
          "SKN-1822",
          "tables.tasks[1].fence",
        ],
        [
          edited(state, (copy) => ((copy.tables["tasks"]?.[0] ?? {})["status"] = null)),
          "SKN-1822",
          "tables.tasks[0].status",
        ],
        [
          edited(state, (copy) => ((copy.tables["tasks"]?.[0] ?? {})["extra"] = 1)),
          "SKN-1822",
          "tables.tasks[0].extra",
        ],
        [
          edited(state, (copy) => copy.tables["plans"]?.push(copy.tables["plans"][0] ?? {})),
          "SKN-1822",
          "tables.plans[1]",
        ],
        [
          edited(state, (copy) => ((copy["events"]?.[2] ?? {})["text"] = "{}")),
          "SKN-1824",
          undefined,
        ],
        [edited(state, (copy) => copy["events"]?.splice(3, 1)), "SKN-1824", undefined],
        [edited(state, (copy) => copy["events"]?.pop()), "SKN-1824", undefined],
        [
          edited(state, (copy) => ((copy["events"]?.[0] ?? {})["actor"] = "person:eve")),
          "SKN-1825",
          "events[0].actor",
        ],
        [
          edited(state, (copy) => ((copy.tables["tasks"]?.[0] ?? {})["files"] = "[oops")),
          "SKN-1825",
          "tables",
        ],
        [
          JSON.stringify(state).replace('"tables":{', '"tables":{"__proto__":[],'),
          "SKN-1822",
          "tables.__proto__",
        ],
        [
          edited(state, (copy) => ((copy["tasks"]?.[0] ?? {})["status"] = "done")),
          "SKN-1825",
          "tasks[0].status",
        ],
      ];

      for (const [text, code, place] of faults) {
        const found = target.upkeep.import(text);
        await expect(found, `${code} ${String(place)}`).rejects.toMatchObject(
          place === undefined ? { code } : { code, facts: { place } },
        );
      }

      const empty = await target.upkeep.export();
      expect([empty.events, empty.tasks, empty.sessions]).toEqual([[], [], []]);
    });
  });

  describe("verify", () => {
    test("finds nothing wrong with a project in the middle of its work", async () => {
      const stand = await lively(open);

      const facts = await stand.store.read((reader) =>
        readStateFacts({ ...stand, policy }, reader),
      );

      expect(checkInvariants(facts)).toEqual([]);
      expect(facts.events.length).toBeGreaterThan(5);
    });

    test("finds a changed event, and a state that the log does not tell", async () => {
      const { upkeep, store } = await lively(open);
      await store.write(async (tx) => {
        await tx.run("UPDATE events SET text = replace(text, 'ana', 'eve') WHERE project = ?", [
          tx.project,
        ]);
        await tx.run("UPDATE tasks SET title = 'Other' WHERE project = ? AND id = 'T4'", [
          tx.project,
        ]);
      });

      const { isClean, violations } = await upkeep.verify();

      expect(isClean).toBe(false);
      expect(violations.map(({ invariant }) => invariant)).toEqual(expect.arrayContaining([5, 9]));
    });

    test("names an event that cannot even be read", async () => {
      const { upkeep, store } = await lively(open);
      await store.write((tx) =>
        tx.run("UPDATE events SET text = '{' WHERE project = ? AND seq = ?", [tx.project, 2]),
      );

      const { isClean, violations } = await upkeep.verify();

      expect(isClean).toBe(false);
      expect(violations).toMatchObject([{ invariant: 9, facts: { seq: 2 } }]);
    });
  });

  describe("maintain", () => {
    test("archives what ended long ago, leaves the rest, and the chain still verifies", async () => {
      const stand = await openUpkeep(open);
      const { dispatch, upkeep, time, shelf } = stand;
      await dispatch.importPlan(aPlan([aTask("T1", { files: ["a.ts"] })]), { actor: "person:ana" });
      const old = await dispatch.nextTask(next(ada));
      await dispatch.finishTask(finish(ada, { task: "T1", fence: old.claim?.fence ?? 0 }));
      const before = await upkeep.export();
      time.advance(100 * dayMs);
      const fresh = aPlan([aTask("T1", { files: ["a.ts"] })], { id: "fresh" });
      await dispatch.importPlan(fresh, { actor: "person:ana" });
      const options = { archiveAfterMs: 90 * dayMs, backupFile: null, vacuum: true };

      const report = await upkeep.maintain(options);

      const isTurned = stand.store.dialect === "sqlite";
      expect(report).toMatchObject(
        isTurned
          ? { archivedPlans: 1, archivedTasks: 1, archivedEvents: before.events.length }
          : { archivedPlans: 0, archivedTasks: 0, archivedEvents: 0 },
      );
      expect(report.archives).toHaveLength(isTurned ? 2 : 0);
      expect(shelf.size).toBe(report.archives.length);
      expect(await upkeep.verify()).toMatchObject({ isClean: true, violations: [] });
      const again = await upkeep.maintain(options);
      expect(again).toMatchObject({ archivedPlans: 0, archivedEvents: 0, archives: [] });
      const after = await dispatch.nextTask(next(bob));
      expect(after.claim?.fence).toBeGreaterThan(old.claim?.fence ?? 0);
    });

    test("forgets closed questions and ended reservations that are old, and keeps open ones", async () => {
      const stand = await openUpkeep(open);
      const { dispatch, store, approvals, upkeep, time } = stand;
      const ask = async (question: string) => {
        const { session } = await dispatch.identify(ada);
        const asked = { session: session.id, plan: null, task: null, question, options: [] };
        return store.write((tx) => approvals.ask(tx, { ...asked, deadlineInMs: null }));
      };
      const answered = await ask("First?");
      await store.write((tx) =>
        approvals.answer(tx, answered.id, { answer: "yes", by: "person:ana" }),
      );
      await dispatch.importPlan(aPlan([aTask("T1", { budgetMicroUsd: 9_000_000 })]), {
        actor: "person:ana",
      });
      const { claim } = await dispatch.nextTask(next(bob));
      await dispatch.finishTask(finish(bob, { task: "T1", fence: claim?.fence ?? 0 }));
      time.advance(100 * dayMs);
      await dispatch.importPlan(
        aPlan([aTask("T1", { budgetMicroUsd: 9_000_000 })], { id: "fresh" }),
        { actor: "person:ana" },
      );
      await dispatch.nextTask(next(bob));
      const second = await ask("Second?");

      const options = { archiveAfterMs: 90 * dayMs, backupFile: null, vacuum: false };
      const report = await upkeep.maintain(options);

      const left = await store.read((reader) => approvals.list(reader, 10));
      if (store.dialect === "sqlite") {
        expect(report).toMatchObject({ prunedApprovals: 1, prunedReservations: 1 });
        expect(left.map(({ id }) => id)).toEqual([second.id]);
      }
      expect(await upkeep.verify()).toMatchObject({ isClean: true, violations: [] });
    });

    test("archives nothing where there is no shelf", async () => {
      const stand = await lively(open);
      const upkeep = createUpkeep({ ...stand, migrations, policy, shelf: null });
      stand.time.advance(100 * dayMs);

      const report = await upkeep.maintain({ archiveAfterMs: 1, backupFile: null, vacuum: false });

      expect(report).toMatchObject({ archivedEvents: 0, archives: [], isTidied: false });
    });
  });
});

/** Does a bit of everything that ends, and tells what it leaves of each. */
async function dayOfWork({ dispatch, store, ...parts }: UpkeepStand, plan: string): Promise<void> {
  const caller = aCaller(plan);
  await dispatch.importPlan(aPlan([aTask("T1", { files: [`${plan}.ts`] })], { id: plan }), {
    actor: "person:ana",
  });
  const { claim, standing } = await dispatch.nextTask(next(caller, { plan }));
  await dispatch.finishTask(finish(caller, { task: `${plan}/T1`, fence: claim?.fence ?? 0 }));
  const session = standing.session.id;
  await store.write(async (tx) => {
    const sent = { from: null, fromName: "ana", actor: "person:ana", cause: null } as const;
    const message = { to: { kind: "all" }, text: plan, thread: null, expiresInMs: null } as const;
    await parts.messages.send(tx, { ...sent, ...message });
    const wanted = { role: "agent", name: plan, expiresInMs: null, by: "person:ana" } as const;
    const { token } = await parts.access.tokens.create(tx, wanted);
    await parts.access.tokens.revoke(tx, token.id, "person:ana");
    await parts.sessions.end(tx, session, { reason: "done", actor: "system", cause: null });
  });
}

test("What ended 90 days ago goes onto the shelf and out of the store, a day less stays, and the newest of all", async () => {
  const stand = await openUpkeep(openMemoryStore);
  const { upkeep, shelf, store, time } = stand;
  const options = { archiveAfterMs: 90 * dayMs, backupFile: null, vacuum: false };
  const left = async (): Promise<readonly unknown[]> => {
    const { sessions, plans, leases, messages } = await upkeep.export();
    const tokens = await store.read((reader) => stand.access.tokens.list(reader));
    return [sessions, plans, leases, messages, tokens].map((rows) => rows.length);
  };
  await dayOfWork(stand, "old");
  time.advance(3 * dayMs);
  await dayOfWork(stand, "young");
  await dayOfWork(stand, "last");
  time.advance(88 * dayMs);
  const before = await upkeep.export();

  const report = await upkeep.maintain(options);
  const once = await left();
  time.advance(3 * dayMs);
  const again = await upkeep.maintain(options);

  const one = { archivedPlans: 1, archivedTasks: 1, prunedMessages: 1, prunedTokens: 1 };
  expect(report).toMatchObject({ ...one, prunedSessions: 1, prunedLeases: 1 });
  expect(once).toEqual([2, 2, 2, 2, 2]);
  expect(again).toMatchObject({ archivedPlans: 2, archivedTasks: 2, prunedSessions: 1 });
  expect(await left()).toEqual([1, 0, 1, 1, 1]);
  const events = [...shelf]
    .filter(([name]) => name.startsWith("events-"))
    .map(([, text]): EventsArchive => JSON.parse(text));
  expect(events.map(({ prev_hash: hashBefore }) => hashBefore)).toEqual([
    "0".repeat(64),
    events[0]?.events.at(-1)?.hash,
  ]);
  const kept = events.flatMap((archive) => archive.events.map(({ seq }) => seq));
  expect(kept.slice(0, before.events.length)).toEqual(before.events.map(({ seq }) => seq));
  expect((await upkeep.verify()).violations).toEqual([]);
  await store.close();
});

test("Maintaining ends what is over and charges calls that nobody settled, then backs up and tidies where it is told to", async () => {
  const stand = await openUpkeep(openMemoryStore);
  const did: string[] = [];
  const maintenance = {
    ...stand.store.maintenance,
    backup: async (file: string) => void did.push(`backup ${file}`),
    tidy: async () => void did.push("tidy"),
  };
  const upkeep = createUpkeep({
    ...stand,
    migrations,
    policy,
    shelf: null,
    store: { ...stand.store, maintenance },
    costs: { ...stand.costs, settleAbandonedCalls: async () => did.push("charge") },
  });
  await stand.dispatch.importPlan(aPlan([aTask("T1", { files: ["a.ts"] })]), {
    actor: "person:ana",
  });
  await stand.dispatch.nextTask(next(ada));
  const options = { archiveAfterMs: 90 * dayMs, backupFile: null, vacuum: false };

  const early = await upkeep.maintain(options);
  stand.time.advance(dayMs);
  const report = await upkeep.maintain({ ...options, backupFile: "copy.db", vacuum: true });

  expect(early).toMatchObject({ expired: 0, backup: null, isTidied: false });
  // A session, its task and its lease.
  expect(report).toMatchObject({ expired: 3, settledCalls: 2, backup: "copy.db", isTidied: true });
  expect(did).toEqual(["charge", "charge", "backup copy.db", "tidy"]);
  await stand.store.close();
});

interface EventsArchive {
  readonly prev_hash: string;
  readonly events: readonly { readonly seq: number; readonly hash: string }[];
}
