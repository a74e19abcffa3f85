import { expect, test } from "vitest";
import { createEvents, eventsMigration } from "../../src/core/events/index.ts";
import { createTokens } from "../../src/core/models/index.ts";
import { createReviews, retally, reviewMigration } from "../../src/core/review/index.ts";
import type { Finding, ReviewRecord, Reviews } from "../../src/core/review/index.ts";
import { createReviewing } from "../../src/core/review/reviewing.ts";
import type { Reviewing, ReviewingDeps, ReviewRequest } from "../../src/core/review/reviewing.ts";
import type { Store } from "../../src/core/store/index.ts";
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
  title: "The total is not rounded",
  body: "It is compared with ===.",
  quoted: "  return total === 0.3;",
  symbol: null,
  failing_input: null,
};
const change = aChange([
  aFile({ hunks: [aHunk(1, [" function f() {", "+  return total === 0.3;", " }"])] }),
]);
const models = ["a", "b", "c"].map((family) => aModel({ name: family, family }));

interface Stand {
  readonly store: Store;
  readonly reviews: Reviews;
  readonly reviewing: Reviewing;
}

async function stand(open: OpenTestStore, odd: Partial<ReviewingDeps> = {}): Promise<Stand> {
  const { store } = await open({
    migrations: [eventsMigration, { ...reviewMigration, version: 2 }],
  });
  const events = createEvents({
    doorbell: { ring: () => undefined, watch: () => () => undefined, close: () => undefined },
  });
  const reviews = createReviews({ events });
  const reviewing = createReviewing({
    store,
    reviews,
    models,
    model: createScriptedPanel(({ seat, phase, prompt }) => {
      if (phase === "generate") {
        return findingsReply(...(seat === 1 ? [bug] : []));
      }
      return voteAll(prompt, seat === 4 ? "reject" : "confirm");
    }),
    tokens: createTokens(),
    timer: createManualTimer(),
    random: createSeededRandom(),
    costOf: (_, { inputTokens, outputTokens }) => inputTokens + outputTokens,
    check: async () => [],
    readBase: async () => [],
    billsOf: async () => null,
    ...odd,
  });
  return { store, reviews, reviewing };
}

function request(odd: Partial<ReviewRequest> = {}): ReviewRequest {
  return {
    change,
    subject: "feature/total",
    actor: "person:ada",
    preset: "fast",
    thresholds: { severity: {}, category: {} },
    description: "",
    room: null,
    signal: new AbortController().signal,
    ...odd,
  };
}

function records(right: number, wrong: number, names: readonly string[]): readonly unknown[] {
  return names.map((model) => ({ model, category: "correctness", right, wrong }));
}

function idsOf(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ id, severity, state }) => `${id} ${severity} ${state}`);
}

async function refused(work: Promise<unknown>, code: string): Promise<void> {
  await expect(work).rejects.toMatchObject({ code });
}

eachStore("reviews", (open) => {
  test("keeps a review with its candidates, ballots and findings", async () => {
    const { store, reviews, reviewing } = await stand(open);
    const { id, done } = await reviewing.start(request());
    const result = await done;
    const kept = await store.read(async (reader) => reviews.record(reader, id));
    const [line] = await store.read(async (reader) => reviews.list(reader, 10));

    expect(id).toBe("R1");
    expect(result).toMatchObject({
      id: "R1",
      verdict: "changes",
      findings: [{ id: "F1", support: 666 }],
    });
    expect(kept.result).toEqual(result);
    expect(kept.basis.outcome.clusters[0]?.members).toHaveLength(1);
    expect(kept.basis.outcome.votes).toHaveLength(3);
    expect(line).toMatchObject({ id: "R1", state: "finished", verdict: "changes", findings: 1 });
  });

  test("is tallied again at another threshold without a call", async () => {
    const { store, reviews, reviewing } = await stand(open);
    const { done } = await reviewing.start(request());
    await done;
    const kept = await store.read(async (reader) => reviews.record(reader, "R1"));

    expect(retally(kept, 70)).toMatchObject({
      verdict: "pass",
      findings: [],
      unconfirmed: [{ decision: "rejected", threshold: 70, placement: "line" }],
      effectiveRule: "70 % of 3 equal votes = 3 of 3",
    });
    expect(retally(kept, 50)).toEqual(kept.result);
    expect(() => retally(kept, 101)).toThrow(expect.objectContaining({ code: "SKN-1873" }));
  });

  test("keeps ids, silence and what is open from before when it is tallied again", async () => {
    const worst = { ...bug, severity: "critical", title: "The total of nothing is no number" };
    const other = {
      ...bug,
      line: 1,
      category: "style",
      title: "Nobody calls f",
      body: "Dead branches stay.",
      quoted: "function f() {",
    };
    let against: readonly number[] = [4];
    const { store, reviews, reviewing } = await stand(open, {
      model: createScriptedPanel(({ seat, phase, prompt }) => {
        const found = seat === 1 ? [worst] : seat === 2 ? [other] : [];
        return phase === "generate"
          ? findingsReply(...found)
          : voteAll(prompt, against.includes(seat) ? "reject" : "confirm");
      }),
    });
    const reviewed = async (): Promise<ReviewRecord> => {
      const { id, done } = await reviewing.start(request());
      await done;
      return store.read(async (reader) => reviews.record(reader, id));
    };
    const first = await reviewed();
    against = [1, 2, 3, 4];
    const second = await reviewed();
    await store.write(async (tx) =>
      reviews.decide(tx, { id: "R2", finding: "F1", outcome: "dismissed", actor: "person:ada" }),
    );
    against = [4];
    const third = await reviewed();

    expect(idsOf(first.result.findings)).toEqual(["F1 critical new", "F2 high new"]);
    expect(idsOf(retally(first, 100).unconfirmed)).toEqual(["F1 critical new", "F2 high new"]);
    // Voted down, and open all the same, since its code stands.
    expect(idsOf(second.result.findings)).toEqual(["F1 critical open", "F2 high open"]);
    expect(retally(second, 50)).toEqual(second.result);
    expect(retally(second, 100).verdict).toBe("changes");
    // Declined: no threshold brings it back.
    expect(idsOf(third.result.findings)).toEqual(["F1 high open"]);
    expect(retally(third, 50)).toEqual(third.result);
    expect(idsOf(retally(third, 100).unconfirmed)).toEqual(["F1 high new"]);
  });

  test("learns from what people did, once, and takes back what they take back", async () => {
    const { store, reviews, reviewing } = await stand(open);
    await (
      await reviewing.start(request())
    ).done;
    const decide = async (outcome: "resolved" | "dismissed"): Promise<unknown> =>
      store.write(async (tx) =>
        reviews.decide(tx, { id: "R1", finding: "F1", outcome, actor: "person:ada" }),
      );
    const track = async (): Promise<unknown> => store.read(async (reader) => reviews.track(reader));
    await decide("resolved");
    await decide("resolved");

    expect(await track()).toEqual([...records(1, 1, ["a"]), ...records(1, 0, ["b", "c"])]);

    await decide("dismissed");

    expect(await track()).toEqual([...records(1, 1, ["a"]), ...records(0, 1, ["b", "c"])]);

    await store.write(async (tx) => reviews.forget(tx, "person:ada"));

    expect(await track()).toEqual([]);
  });

  test("is silent on what a person declined while its lines stand, and says open to what is known", async () => {
    const { store, reviews, reviewing } = await stand(open);
    await (
      await reviewing.start(request())
    ).done;
    const second = await (await reviewing.start(request())).done;
    await store.write(async (tx) =>
      reviews.decide(tx, { id: "R2", finding: "F1", outcome: "dismissed", actor: "person:ada" }),
    );
    const third = await (await reviewing.start(request())).done;
    const fourth = await (await reviewing.start(request())).done;

    expect(second.findings[0]?.state).toBe("open");
    expect(third).toMatchObject({ verdict: "pass", findings: [] });
    expect(fourth.findings).toEqual([]);
  });

  test("refuses what is not there, and what still runs", async () => {
    const { store, reviews, reviewing } = await stand(open);
    await refused(
      store.read(async (reader) => reviews.get(reader, "R1")),
      "SKN-5871",
    );
    await refused(
      store.read(async (reader) => reviews.record(reader, "x")),
      "SKN-5871",
    );
    await store.write(async (tx) =>
      reviews.begin(tx, { actor: "person:ada", subject: "s", preset: "fast" }),
    );
    await refused(
      store.read(async (reader) => reviews.record(reader, "R1")),
      "SKN-4871",
    );
    const { done } = await reviewing.start(request());
    await done;
    await refused(
      store.write(async (tx) =>
        reviews.decide(tx, { id: "R2", finding: "F9", outcome: "resolved", actor: "person:ada" }),
      ),
      "SKN-5872",
    );
  });

  test("does not begin when nobody can review", async () => {
    const { store, reviews, reviewing } = await stand(open, { models: [] });

    await expect(reviewing.start(request())).rejects.toMatchObject({ code: "SKN-2871" });
    expect(await store.read(async (reader) => reviews.list(reader, 10))).toEqual([]);
  });

  test("estimates without a call, and keeps nothing", async () => {
    const { store, reviews, reviewing } = await stand(open);
    const { afford, seats } = await reviewing.estimate(
      request({ room: { of: "this run", microUsd: 1 } }),
    );

    expect(seats).toHaveLength(4);
    expect(afford.isEnough).toBe(false);
    expect(await store.read(async (reader) => reviews.list(reader, 10))).toEqual([]);
  });

  test("keeps the newest when it prunes", async () => {
    const { store, reviews, reviewing } = await stand(open);
    await (
      await reviewing.start(request())
    ).done;
    await (
      await reviewing.start(request())
    ).done;

    expect(await store.write(async (tx) => reviews.prune(tx, Number.MAX_SAFE_INTEGER))).toBe(1);
    expect(await store.read(async (reader) => reviews.list(reader, 10))).toMatchObject([
      { id: "R2" },
    ]);
  });

  test("keeps no header of a model", async () => {
    const secret = aModel({
      name: "a",
      takes: { ...aModel().takes, headers: { "x-key": "s3cr3t" } },
    });
    const { store, reviewing } = await stand(open, { models: [secret] });
    await (
      await reviewing.start(request())
    ).done;
    const rows = await store.read(async (reader) => reader.all("SELECT record FROM reviews", []));

    expect(JSON.stringify(rows)).not.toContain("s3cr3t");
  });
});
