import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createAudit, readAuditKey, readAuditPublicKey } from "../../src/core/audit/index.ts";
import type { AnchorPlace, Audit } from "../../src/core/audit/index.ts";
import { createEvents, eventsMigration } from "../../src/core/events/index.ts";
import type { Events } from "../../src/core/events/index.ts";
import type { Store, Transaction } from "../../src/core/store/index.ts";
import { eachStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";
import { createSeededRandom } from "../support/virtual-time.ts";

const aKey = (): string =>
  generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();

const key = readAuditKey(aKey());

/** Anchors in memory, which a test may change. */
function createShelf(): AnchorPlace & { readonly texts: string[] } {
  const texts: string[] = [];
  const days = new Set<string>();
  return {
    texts,
    list: async () => Promise.resolve([...texts]),
    put: async (day, text) => {
      const isNew = !days.has(day);
      if (isNew) {
        days.add(day);
        texts.push(text);
      }
      return Promise.resolve(isNew);
    },
  };
}

interface Stand {
  readonly store: Store;
  readonly events: Events;
  readonly place: ReturnType<typeof createShelf>;
  readonly audit: Audit;
}

async function stand(open: OpenTestStore): Promise<Stand> {
  const { store } = await open({ migrations: [eventsMigration] });
  const doorbell = {
    ring: () => undefined,
    watch: () => () => undefined,
    close: () => undefined,
  };
  const events = createEvents({ doorbell });
  const place = createShelf();
  return { store, events, place, audit: createAudit({ store, events, place, key, trusted: [] }) };
}

async function write({ store, events }: Stand, count: number, from = 0): Promise<void> {
  await store.write(async (tx) => {
    for (let number = from; number < from + count; number += 1) {
      events.setOrigin(tx, { principal: `token:t${String(number % 3)}`, name: "ci", action: "x" });
      await events.append(tx, {
        kind: number % 2 === 0 ? "task.claimed" : "lease.granted",
        actor: `session:s${String(number % 4)}`,
        cause: null,
        data: { number },
        changes: [],
      });
    }
  });
}

/** Runs a change and a check on it, and takes the change back. */
async function tamperedFaults(
  { store, events }: Stand,
  change: (tx: Transaction) => Promise<void>,
): Promise<number> {
  let faults = -1;
  const undo = new Error("undo");
  await store
    .write(async (tx) => {
      await change(tx);
      faults = (await events.check(tx)).faults.length;
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) {
        throw error;
      }
    });
  return faults;
}

type Change = (tx: Transaction, one: number, other: number) => Promise<void>;

const where = "WHERE project = ? AND seq = ?";

/** Every kind of change of one row, or of two that change places. */
const changes: readonly Change[] = [
  async (tx, one) => {
    await tx.run(`UPDATE events SET text = replace(text, '"number":', '"nunber":') ${where}`, [
      tx.project,
      one,
    ]);
  },
  async (tx, one) => {
    await tx.run(`UPDATE events SET at_ms = at_ms + 1 ${where}`, [tx.project, one]);
  },
  async (tx, one) => {
    await tx.run(`UPDATE events SET kind = 'plan.paused' ${where}`, [tx.project, one]);
  },
  async (tx, one) => {
    await tx.run(`UPDATE events SET hash = ? ${where}`, ["f".repeat(64), tx.project, one]);
  },
  async (tx, one) => {
    await tx.run(`DELETE FROM events ${where}`, [tx.project, one]);
  },
  async (tx, one, other) => {
    const move = `UPDATE events SET seq = ? ${where}`;
    await tx.run(move, [-1, tx.project, one]);
    await tx.run(move, [one, tx.project, other]);
    await tx.run(move, [other, tx.project, -1]);
  },
  async (tx, one) => {
    const copied = "SELECT project, ?, at_ms, kind, text, hash FROM events";
    await tx.run(`INSERT INTO events (project, seq, at_ms, kind, text, hash) ${copied} ${where}`, [
      1 - one,
      tx.project,
      one,
    ]);
  },
];

const random = createSeededRandom();

function upTo(count: number): number {
  const [high = 0, low = 0] = random.bytes(2);
  return ((high * 256 + low) % count) + 1;
}

eachStore("createAudit", (open, kind) => {
  describe("verify", () => {
    test("finds every single edit, deletion and swap, and what was put before the beginning", async () => {
      const here = await stand(open);
      const length = 120;
      await write(here, length);
      const rounds = kind === "postgres" ? 120 : 1_000;
      const missed: number[] = [];

      for (let round = 0; round < rounds; round += 1) {
        const one = upTo(length);
        const other = (one % length) + 1;
        const change = changes[round % changes.length];
        const faults = await tamperedFaults(here, async (tx) => change?.(tx, one, other));
        if (faults < 1) {
          missed.push(round);
        }
      }

      expect(missed).toEqual([]);
      expect(await here.audit.verify()).toMatchObject({ isClean: true, events: length });
    });

    test("finds an end that was cut off with its head only where there is an anchor", async () => {
      const here = await stand(open);
      await write(here, 20);
      await here.audit.anchor();
      await write(here, 5);
      const cutTo = async (seq: number): Promise<void> => {
        const hash = await here.store.read((reader) => here.events.hashOf(reader, seq));
        await here.store.write(async (tx) => {
          await tx.run("DELETE FROM events WHERE project = ? AND seq > ?", [tx.project, seq]);
          await tx.run("UPDATE event_heads SET last_seq = ?, last_hash = ? WHERE project = ?", [
            seq,
            hash,
            tx.project,
          ]);
        });
      };

      await cutTo(22);
      const afterAnchor = await here.audit.verify();
      await cutTo(18);
      const beforeAnchor = await here.audit.verify();

      expect(afterAnchor).toMatchObject({ isClean: true, anchors: { checked: 1 } });
      expect(beforeAnchor.faults).toMatchObject([{ fault: "cut", seq: 20 }]);
    });

    test("finds a log that was written anew as a whole", async () => {
      const here = await stand(open);
      await write(here, 3);
      await here.audit.anchor();
      await here.store.write(async (tx) => {
        await tx.run("DELETE FROM events WHERE project = ?", [tx.project]);
        await tx.run("DELETE FROM event_heads WHERE project = ?", [tx.project]);
      });
      await write(here, 4, 100);

      const { faults } = await here.audit.verify();

      expect(faults).toMatchObject([{ fault: "rewritten", seq: 3 }]);
    });

    test("finds an anchor that was changed, and counts none of a stranger", async () => {
      const here = await stand(open);
      await write(here, 3);
      await here.audit.anchor();
      const [own = ""] = here.place.texts;
      const changed = own.replace('"seq":3', '"seq":2');
      const strange = readAuditKey(aKey());
      here.place.texts.splice(0, 1, changed, "{}");
      const stranger = createAudit({ ...here, key: strange, trusted: [] });
      const seen = await stranger.verify();

      const { faults, anchors } = await here.audit.verify();

      expect(faults.map(({ fault }) => fault)).toEqual(["signature", "anchor"]);
      expect(anchors).toMatchObject({ checked: 0, newest: null });
      expect(seen).toMatchObject({ anchors: { unknownKeys: 1, newest: null } });
    });

    test("takes the anchors of a former key that is trusted still, and those before the archive's end", async () => {
      const here = await stand(open);
      await write(here, 6);
      await here.audit.anchor();
      await here.store.write((tx) => here.events.archive(tx, tx.nowMs + 60_000));
      await write(here, 1);
      const next = createAudit({
        ...here,
        key: readAuditKey(aKey()),
        trusted: [readAuditPublicKey(key.text)],
      });

      expect(await next.verify()).toMatchObject({
        isClean: true,
        archivedTo: { seq: 6 },
        anchors: { checked: 1, unknownKeys: 0, newest: { head: { seq: 6 } } },
      });
    });
  });

  describe("anchor", () => {
    test("makes one a day, and none of a log that has not grown", async () => {
      const here = await stand(open);
      const empty = await here.audit.anchor();
      await write(here, 2);
      const first = await here.audit.anchor();
      const same = await here.audit.anchor();
      await write(here, 1);
      const again = await here.audit.anchor();

      expect([empty, first, same, again].map((one) => one.kind)).toEqual([
        "unchanged",
        "anchored",
        "unchanged",
        "exists",
      ]);
      expect(here.place.texts).toHaveLength(1);
    });

    test("says what is missing where it has no key or no place", async () => {
      const here = await stand(open);

      await expect(createAudit({ ...here, key: null, trusted: [] }).anchor()).rejects.toMatchObject(
        { code: "SKN-2802" },
      );
      await expect(
        createAudit({ ...here, key, place: null, trusted: [] }).anchor(),
      ).rejects.toMatchObject({ code: "SKN-2803" });
    });
  });

  describe("export", () => {
    test("gives the events that fit, oldest first", async () => {
      const here = await stand(open);
      await write(here, 12);
      const any = { sinceMs: null, untilMs: null, actor: null, principal: null, kind: null };
      const seqsOf = async (filter: Partial<typeof any> | Record<string, string | number>) => {
        const seqs: number[] = [];
        for await (const page of here.audit.export({ ...any, ...filter })) {
          seqs.push(...page.map(({ seq }) => seq));
        }
        return seqs;
      };

      expect(await seqsOf({})).toHaveLength(12);
      expect(await seqsOf({ actor: "session:s1" })).toEqual([2, 6, 10]);
      expect(await seqsOf({ kind: "task" })).toEqual([1, 3, 5, 7, 9, 11]);
      expect(await seqsOf({ kind: "tas" })).toEqual([]);
      expect(await seqsOf({ kind: "lease.granted", actor: "session:s3" })).toEqual([4, 8, 12]);
      expect(await seqsOf({ untilMs: 1 })).toEqual([]);
      expect(await seqsOf({ sinceMs: 1, principal: "token:t2" })).not.toEqual([]);
    });
  });
});
