import { describe, expect, test } from "vitest";
import { createDrafts } from "../../src/core/planner/keeping/drafts.ts";
import type { DraftRecord } from "../../src/core/planner/keeping/record.ts";
import { aDraftPlan, aDraftTask } from "../core/planner/builders.ts";
import { migrations } from "../../src/core/index.ts";
import { createUpkeep } from "../../src/core/upkeep/index.ts";
import type { Upkeep } from "../../src/core/upkeep/index.ts";
import { createStand } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
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

function upkeepOf(stand: CoordinationStand): Upkeep {
  const policy = { caseInsensitive: false };
  return createUpkeep({ ...stand, migrations, policy, shelf: null });
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

    test("are exported, and found again with their approval where the export is imported", async () => {
      const stand = await createStand(open);
      const drafts = createDrafts(stand);
      const hash = await stand.store.write(async (tx) => drafts.keep(tx, aRecord("a"), person));
      const draft = await stand.store.read(async (reader) => drafts.find(reader, hash));
      await stand.store.write(async (tx) => drafts.approve(tx, draft, person));
      const approved = await stand.store.read(async (reader) => drafts.find(reader, hash));
      const target = await createStand((options) => open({ ...options, project: "other" }), 2);

      const state = await upkeepOf(stand).export();
      await upkeepOf(target).import(JSON.stringify(state));

      const found = await target.store.read(async (reader) => drafts.find(reader, hash));
      expect(state.tables["plan_drafts"]).toMatchObject([{ hash, actor: person }]);
      expect(found).toEqual(approved);
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
