import { expect, test } from "vitest";
import { migrations } from "../../src/core/index.ts";
import { createTokens } from "../../src/core/models/index.ts";
import { createReviewing } from "../../src/core/review/index.ts";
import { createUpkeep } from "../../src/core/upkeep/index.ts";
import type { Upkeep } from "../../src/core/upkeep/index.ts";
import { createStand } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { createManualTimer } from "../support/manual-timer.ts";
import { aChange, aFile, aHunk } from "../support/review.ts";
import { aModel } from "../support/reviewers.ts";
import { createScriptedPanel, findingsReply, voteAll } from "../support/scripted-panel.ts";
import { eachStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";
import { createSeededRandom } from "../support/virtual-time.ts";

const bug = {
  path: "src/a.ts",
  line: 2,
  end_line: 2,
  severity: "high",
  category: "correctness",
  title: "The total is not rounded \u202e",
  body: "It is compared with ===.",
  quoted: "  return total === 0.3;",
  symbol: null,
  failing_input: null,
};
const change = aChange([
  aFile({ hunks: [aHunk(1, [" function f() {", "+  return total === 0.3;", " }"])] }),
]);
const dayMs = 86_400_000;
const old = { archiveAfterMs: 90 * dayMs, backupFile: null, vacuum: false };

interface Stand extends CoordinationStand {
  readonly upkeep: Upkeep;
  /** Reviews the change, and tells the review's id. */
  readonly review: () => Promise<string>;
}

async function stand(open: OpenTestStore, project = "demo"): Promise<Stand> {
  const parts = await createStand((options) => open({ ...options, project }));
  const reviewing = createReviewing({
    ...parts,
    models: ["a", "b", "c"].map((family) => aModel({ name: family, family })),
    model: createScriptedPanel(({ seat, phase, prompt }) =>
      phase === "generate"
        ? findingsReply(...(seat === 1 ? [bug] : []))
        : voteAll(prompt, "confirm"),
    ),
    tokens: createTokens(),
    timer: createManualTimer(),
    random: createSeededRandom(),
    costOf: () => 1,
    check: async () => [],
    readBase: async () => [],
    billsOf: async () => null,
  });
  const review = async (): Promise<string> => {
    const { id, done } = await reviewing.start({
      change,
      subject: "feature/total",
      actor: "person:ada",
      preset: "fast",
      thresholds: { severity: {}, category: {} },
      description: "",
      room: null,
      signal: new AbortController().signal,
    });
    await done;
    return id;
  };
  const policy = { caseInsensitive: false };
  const shelf = { put: async () => undefined };
  return { ...parts, review, upkeep: createUpkeep({ ...parts, migrations, policy, shelf }) };
}

eachStore("upkeep of reviews", (open) => {
  test("exports and restores a review with its ballots, outcomes and what was learned", async () => {
    const source = await stand(open);
    const id = await source.review();
    await source.store.write(async (tx) =>
      source.reviews.decide(tx, { id, finding: "F1", outcome: "resolved", actor: "person:ada" }),
    );
    const state = await source.upkeep.export();
    const target = await stand(open, "copy");
    await target.upkeep.import(JSON.stringify(state));
    const kept = async ({ store, reviews }: Stand): Promise<unknown> =>
      store.read(async (reader) => ({
        record: await reviews.record(reader, id),
        outcomes: await reviews.outcomes(reader, id),
        track: await reviews.track(reader),
        list: await reviews.list(reader, 10),
      }));

    expect(await kept(target)).toEqual(await kept(source));
    expect(await target.upkeep.verify()).toMatchObject({ isClean: true });
    expect(await target.review()).toBe("R2");
  });

  test("forgets old reviews and keeps the newest, and what was learned", async () => {
    const { store, reviews, review, upkeep, time } = await stand(open);
    await review();
    await store.write(async (tx) =>
      reviews.decide(tx, { id: "R1", finding: "F1", outcome: "resolved", actor: "person:ada" }),
    );
    await review();
    time.advance(100 * dayMs);
    const report = await upkeep.maintain(old);
    const left = await store.read(async (reader) => ({
      ids: (await reviews.list(reader, 10)).map(({ id }) => id),
      outcomes: await reviews.outcomes(reader, "R1"),
      track: await reviews.track(reader),
    }));

    // A database with a clock of its own does not age with the test's.
    const isTurned = store.dialect === "sqlite";
    expect(report.prunedReviews).toBe(isTurned ? 1 : 0);
    expect(left.ids).toEqual(isTurned ? ["R2"] : ["R2", "R1"]);
    expect(left.outcomes).toEqual(isTurned ? {} : { F1: "resolved" });
    expect(left.track.length).toBeGreaterThan(0);
    expect(await upkeep.maintain(old)).toMatchObject({ prunedReviews: 0 });
    expect(await upkeep.verify()).toMatchObject({ isClean: true });
  });
});
