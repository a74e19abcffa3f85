import { describe, expect, test } from "vitest";
import {
  createEvents,
  eventsMigration,
  genesisHash,
  replay,
  storeOfCallers,
} from "../../src/core/events/index.ts";
import type { EventDraft, Events } from "../../src/core/events/index.ts";
import type { Store } from "../../src/core/store/index.ts";
import { eachStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";
import type { VirtualTime } from "../support/virtual-time.ts";

interface Stand {
  readonly store: Store;
  readonly time: VirtualTime;
  readonly events: Events;
  readonly rings: () => number;
}

async function stand(open: OpenTestStore): Promise<Stand> {
  const { store, time } = await open({ migrations: [eventsMigration] });
  let rings = 0;
  const doorbell = {
    ring: () => {
      rings += 1;
    },
    watch: () => () => undefined,
    close: () => undefined,
  };
  return { store, time, events: createEvents({ doorbell }), rings: () => rings };
}

function anEvent(odd: Partial<EventDraft> = {}): EventDraft {
  return { kind: "task.claimed", actor: "system", cause: null, data: {}, changes: [], ...odd };
}

eachStore("events", (open) => {
  describe("append", () => {
    test("numbers events from 1 without a gap, several in one transaction", async () => {
      const { store, events } = await stand(open);

      const first = await store.write(async (tx) => [
        await events.append(tx, anEvent()),
        await events.append(tx, anEvent()),
      ]);
      const second = await store.write((tx) => events.append(tx, anEvent()));

      expect([...first, second]).toEqual([1, 2, 3]);
    });

    test("tells the next number before it is taken", async () => {
      const { store, events } = await stand(open);

      const pair = await store.write(async (tx) => [
        await events.nextSeq(tx),
        await events.append(tx, anEvent()),
        await events.nextSeq(tx),
      ]);

      expect(pair).toEqual([1, 1, 2]);
    });

    test("leaves no number behind when its transaction fails, and rings only after a commit", async () => {
      const { store, events, rings } = await stand(open);

      const failing = store.write(async (tx) => {
        await events.append(tx, anEvent());
        throw new Error("the work failed");
      });
      await expect(failing).rejects.toThrow("the work failed");
      const ringsBefore = rings();
      const seq = await store.write((tx) => events.append(tx, anEvent()));

      expect([ringsBefore, seq, rings()]).toEqual([0, 1, 1]);
    });
  });

  describe("after", () => {
    test("reads events in order, each with the hash before it", async () => {
      const { store, events } = await stand(open);
      await store.write(async (tx) => {
        for (const kind of ["a.b", "c.d", "e.f"]) {
          await events.append(tx, anEvent({ kind }));
        }
      });

      const all = await store.read((reader) => events.after(reader, 0, 10));
      const last = await store.read((reader) => events.after(reader, 2, 10));

      expect(all.map(({ kind }) => kind)).toEqual(["a.b", "c.d", "e.f"]);
      expect(all[0]?.prevHash).toBe(genesisHash);
      expect(last[0]?.prevHash).toBe(all[1]?.hash);
    });
  });

  describe("check", () => {
    test("is clean as long as nobody touches the rows", async () => {
      const { store, events } = await stand(open);
      await store.write(async (tx) => {
        for (let count = 0; count < 1_050; count += 1) {
          await events.append(tx, anEvent());
        }
      });

      const log = await store.read((reader) => events.check(reader));

      expect(log).toMatchObject({ events: 1_050, head: { seq: 1_050 }, faults: [] });
    });

    test("finds an edited row and a cut tail", async () => {
      const { store, events } = await stand(open);
      await store.write(async (tx) => {
        for (let count = 0; count < 5; count += 1) {
          await events.append(tx, anEvent());
        }
      });
      await store.write((tx) =>
        tx.run(
          "UPDATE events SET text = replace(text, 'claimed', 'stolen!') WHERE project = ? AND seq = ?",
          [tx.project, 3],
        ),
      );
      const edited = await store.read((reader) => events.check(reader));
      await store.write((tx) =>
        tx.run("DELETE FROM events WHERE project = ? AND seq > ?", [tx.project, 4]),
      );
      const cut = await store.read((reader) => events.check(reader));

      expect(edited.faults.map(({ seq }) => seq)).toEqual([3]);
      expect(cut.faults.map(({ fault }) => fault)).toContain("head");
    });
  });

  describe("ensureReached", () => {
    test("refuses what lies behind the newest event, in an empty log, too", async () => {
      const { store, events } = await stand(open);
      const empty = store.read((reader) => events.ensureReached(reader, 1));

      await expect(empty).rejects.toMatchObject({ code: "SKN-5202", facts: { last_seq: 0 } });
      await store.write((tx) => events.append(tx, anEvent()));
      await store.read((reader) => events.ensureReached(reader, 1));
      await expect(store.read((reader) => events.ensureReached(reader, 2))).rejects.toMatchObject({
        code: "SKN-5202",
        facts: { last_seq: 1 },
      });
    });
  });

  describe("archive", () => {
    test("removes old events and leaves a point from which the chain still verifies", async () => {
      const { store, events } = await stand(open);
      await store.write(async (tx) => {
        await events.append(tx, anEvent());
        await events.append(tx, anEvent());
      });
      const nowMs = await store.read((reader) => Promise.resolve(reader.nowMs));

      const gone = await store.write((tx) => events.archive(tx, nowMs + 60_000));
      const seq = await store.write((tx) => events.append(tx, anEvent()));
      const log = await store.read((reader) => events.check(reader));
      const left = await store.read((reader) => events.after(reader, 2, 10));
      const tooOld = store.read((reader) => events.after(reader, 1, 10));

      expect([gone, seq]).toEqual([2, 4]);
      expect(log).toMatchObject({ events: 2, faults: [] });
      expect(left[0]).toMatchObject({
        kind: "log.archived",
        data: { to: 2, events: 2, hash: left[0]?.prevHash },
      });
      await expect(tooOld).rejects.toMatchObject({ code: "SKN-5201" });
    });
  });

  describe("check of an archived log", () => {
    test("finds a checkpoint that was moved, whatever its hash is", async () => {
      const { store, events } = await stand(open);
      await store.write(async (tx) => {
        for (let count = 0; count < 6; count += 1) {
          await events.append(tx, anEvent());
        }
      });
      const third = await store.read((reader) => events.hashOf(reader, 3));
      // What somebody would do who hides the first three events: the rest of the chain follows from there.
      await store.write(async (tx) => {
        await tx.run("DELETE FROM events WHERE project = ? AND seq <= ?", [tx.project, 3]);
        await tx.run(
          "UPDATE event_heads SET archived_seq = ?, archived_hash = ? WHERE project = ?",
          [3, third, tx.project],
        );
      });

      const { faults } = await store.read((reader) => events.check(reader));

      expect(faults).toMatchObject([{ seq: 3, fault: "checkpoint" }]);
    });
  });

  describe("setOrigin", () => {
    test("puts who asked into every event of its transaction and of no other", async () => {
      const { store, events } = await stand(open);
      const by = { principal: "token:t3", name: "ci", action: "tool:next_task" };
      let caller: typeof by | null = by;
      const called = storeOfCallers(store, events, () => caller);
      await called.write(async (tx) => {
        caller = null;
        await events.append(tx, anEvent());
        await events.append(tx, anEvent());
      });
      await called.write((tx) => events.append(tx, anEvent()));

      const all = await store.read((reader) => events.after(reader, 0, 10));

      expect(all.map((event) => event.by)).toEqual([by, by, null]);
    });
  });

  describe("replay", () => {
    test("rebuilds the state as it was at any event", async () => {
      const { store, events } = await stand(open);
      await store.write(async (tx) => {
        const set = { id: "T1", status: "pending", session: null };
        await events.append(tx, anEvent({ changes: [{ entity: "task", id: "demo/T1", set }] }));
        await events.append(
          tx,
          anEvent({
            changes: [
              { entity: "task", id: "demo/T1", set: { status: "claimed", session: "s1" } },
              { entity: "lease", id: "L1", set: { session: "s1" } },
            ],
          }),
        );
      });

      const log = await store.read((reader) => events.after(reader, 0, 10));

      expect(replay(log.slice(0, 1)).get("task")?.get("demo/T1")).toEqual({
        id: "T1",
        status: "pending",
        session: null,
      });
      expect(replay(log).get("task")?.get("demo/T1")).toMatchObject({
        id: "T1",
        status: "claimed",
        session: "s1",
      });
      expect(replay(log).get("lease")?.size).toBe(1);
    });
  });
});
