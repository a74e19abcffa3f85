import { describe, expect, test } from "vitest";
import { createDrafts } from "../../src/core/planner/keeping/drafts.ts";
import type { DraftRecord } from "../../src/core/planner/keeping/record.ts";
import { aDraftPlan, aDraftTask } from "../core/planner/builders.ts";
import { createStand } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";

const person = "person:ann" as const;

function aRecord(base: string): DraftRecord {
  return {
    plan: aDraftPlan([aDraftTask("rules"), aDraftTask("cart")]),
    origin: "model",
    source: { kind: "goal", file: null, sha256: "0".repeat(64) },
    base,
  };
}

eachStore("drafts", (open) => {
  describe("drafts", () => {
    test("are found by their first digits, and one draft is kept once", async () => {
      const { store, events } = await createStand(open);
      const drafts = createDrafts({ events });
      const hash = await store.write(async (tx) => drafts.keep(tx, aRecord("a"), person));
      const again = await store.write(async (tx) => drafts.keep(tx, aRecord("a"), person));
      const found = await store.read(async (reader) => drafts.find(reader, hash.slice(0, 8)));

      expect(again).toBe(hash);
      expect(found).toEqual({ ...aRecord("a"), hash, approvedAtMs: null });
    });

    test("keep their approval when they are made again", async () => {
      const { store, events } = await createStand(open);
      const drafts = createDrafts({ events });
      const hash = await store.write(async (tx) => drafts.keep(tx, aRecord("a"), person));
      const draft = await store.read(async (reader) => drafts.find(reader, hash));
      await store.write(async (tx) => drafts.approve(tx, draft, person));
      await store.write(async (tx) => drafts.keep(tx, aRecord("a"), person));
      const found = await store.read(async (reader) => drafts.find(reader, hash));

      expect(found.approvedAtMs).not.toBeNull();
    });

    test("go when 100 newer ones are there", async () => {
      const { store, events, time } = await createStand(open);
      const drafts = createDrafts({ events });
      const hashes: string[] = [];
      for (let number = 0; number < 101; number += 1) {
        time.advance(1_000);
        hashes.push(
          await store.write(async (tx) => drafts.keep(tx, aRecord(String(number)), person)),
        );
      }
      const [oldest = "", second = ""] = hashes;

      await expect(store.read(async (reader) => drafts.find(reader, oldest))).rejects.toMatchObject(
        { code: "SKN-5841" },
      );
      expect(await store.read(async (reader) => drafts.find(reader, second))).toMatchObject({
        base: "1",
      });
    });
  });
});
