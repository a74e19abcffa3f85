import { describe, expect, test } from "vitest";
import { publish } from "../../src/bot/review/stages.ts";
import type { BotContext } from "../../src/bot/context.ts";
import type { PullOutcome, PullReviews, Trigger } from "../../src/core/pull-reviews/index.ts";
import { aBoard, aPull, grace, publicationIn } from "../support/pull-host.ts";
import type { PullBoard } from "../support/pull-host.ts";
import { reviewing } from "../support/pull-reviews.ts";
import { aContext, anEvent } from "./contexts.ts";

const idle = new AbortController().signal;
const opened = { kind: "opened" } as const;

function handed(board: PullBoard, payload: object, hash: string): BotContext {
  return aContext({
    event: anEvent("schedule", null),
    received: {
      kind: "review",
      headSha: board.pull.head.sha,
      baseSha: board.pull.base.sha,
      payload: JSON.parse(JSON.stringify(payload)),
      hash,
    },
  });
}

/** A review in three jobs, with what happens between the thinking and the publishing. */
async function publishedAfter(
  board: PullBoard,
  reviews: PullReviews,
  between: () => Promise<void>,
): Promise<PullOutcome> {
  const { run } = await reviews.reserve(await reviews.collect(12, opened));
  const thought = await reviews.think(await reviews.collect(12, opened, run?.id), idle);
  await between();
  const collected = await reviews.collect(12, opened, run?.id);
  const payload = { run: run?.id ?? null, publication: publicationIn(thought) };
  return publish(handed(board, payload, "h1"), reviews, collected);
}

describe("the job that publishes", () => {
  test("says what was thought and paid for, though reviews were paused meanwhile", async () => {
    const board = aBoard();
    const reviews = reviewing(board);

    const outcome = await publishedAfter(board, reviews, async () => reviews.pause(12, true));

    expect(outcome).toMatchObject({ kind: "published", comments: 1 });
    expect(board.reviews).toHaveLength(1);
    expect(await reviews.status(12)).toMatchObject({ isPaused: true, spent: 250_000 });
  });

  test("says nothing on a pull request that was closed or is to be left alone", async () => {
    for (const odd of [{ isOpen: false }, { labels: ["skein:ignore"] }]) {
      const board = aBoard();

      const outcome = await publishedAfter(board, reviewing(board), async () => {
        board.pull = aPull(odd);
        return Promise.resolve();
      });

      expect(outcome).toMatchObject({ kind: "skipped" });
      expect(board.reviews).toEqual([]);
    }
  });
});

const ask = { by: grace, permission: "write", preset: null, sha: null } as const;
const asked = { kind: "asked", ask: { ...ask, isFull: false } } as const;
const full = { kind: "asked", ask: { ...ask, isFull: true } } as const;

interface Job {
  readonly trigger: Trigger;
  readonly run: string | null;
  readonly payload: object;
  /** Of what was handed over. */
  readonly hash: string;
}

interface Stand {
  readonly board: PullBoard;
  readonly reviews: PullReviews;
}

async function publishJob({ board, reviews }: Stand, job: Job): Promise<PullOutcome> {
  const collected = await reviews.collect(12, job.trigger, job.run);
  return publish(handed(board, job.payload, job.hash), reviews, collected);
}

/** The jobs before the last; `isApart` where one of them set the money aside. */
async function thoughtJob({ reviews }: Stand, trigger: Trigger, isApart: boolean): Promise<Job> {
  const begun = await reviews.collect(12, trigger);
  const run = isApart ? ((await reviews.reserve(begun)).run?.id ?? null) : null;
  const thought = await reviews.think(await reviews.collect(12, trigger, run), idle);
  return { trigger, run, payload: { run, publication: publicationIn(thought) }, hash: "h1" };
}

const writes = new Set(["publishReview", "checks.report", "comment", "editComment", "reply"]);

function written(board: PullBoard): readonly string[] {
  return board.calls.filter((call) => writes.has(call));
}

describe("the job that publishes and runs once more alone", () => {
  const ways = [
    ["after a full review", full, true, {}],
    ["after a review that was asked for", asked, true, {}],
    ["after a full review without a job that sets money aside", full, false, {}],
    ["after a review of which too little was read", asked, true, { verdict: "incomplete" }],
  ] as const;

  test.each(ways)("publishes and counts nothing twice %s", async (...[, trigger, isApart, odd]) => {
    const board = aBoard();
    const reviews = reviewing(board, { result: odd });
    const job = await thoughtJob({ board, reviews }, trigger, isApart);
    await publishJob({ board, reviews }, job);
    const before = { comments: board.comments, checks: [...board.checks] };
    board.calls = [];

    const again = await publishJob({ board, reviews }, job);

    expect(again).toMatchObject({ kind: "repeated", of: "review" });
    expect(written(board)).toEqual([]);
    expect(board.comments).toEqual(before.comments);
    expect(board.checks).toEqual(before.checks);
    expect(await reviews.status(12)).toMatchObject({ spent: 250_000 });
  });

  test("asks the host no more than the first time", async () => {
    const board = aBoard();
    const reviews = reviewing(board);
    const job = await thoughtJob({ board, reviews }, full, true);
    board.calls = [];
    await publishJob({ board, reviews }, job);
    const first = board.calls;
    board.calls = [];

    await publishJob({ board, reviews }, job);

    expect(first.length).toBeLessThanOrEqual(12);
    expect(board.calls.length).toBeLessThan(first.length);
  });

  test("counts nothing twice after the head has moved on or the base has grown", async () => {
    for (const odd of ["head", "base"] as const) {
      const board = aBoard();
      const reviews = reviewing(board);
      const job = await thoughtJob({ board, reviews }, asked, true);
      board.pull = aPull({ [odd]: { ...board.pull[odd], sha: "d".repeat(40) } });
      await publishJob({ board, reviews }, job);
      const { spent } = await reviews.status(12);

      await publishJob({ board, reviews }, job);

      expect(await reviews.status(12), odd).toMatchObject({ spent });
    }
  });

  test("does not say again why nothing was reviewed, in place of what was reviewed since", async () => {
    const board = aBoard();
    const reviews = reviewing(board);
    const { run } = await reviews.reserve(await reviews.collect(12, full));
    const id = run?.id ?? null;
    const job: Job = { trigger: full, run: id, payload: { run: id, why: "No key." }, hash: "h1" };
    await publishJob({ board, reviews }, job);
    await reviews.run(12, full, idle);
    const last = board.checks.at(-1);

    const again = await publishJob({ board, reviews }, job);

    expect(again).toMatchObject({ kind: "repeated", of: "giving-up" });
    expect(board.checks.at(-1)).toBe(last);
    expect(await reviews.status(12)).toMatchObject({ spent: 250_000 });
  });

  test("publishes what another try of the job before it thought and was paid for", async () => {
    const board = aBoard();
    const reviews = reviewing(board);
    const job = await thoughtJob({ board, reviews }, full, true);
    await publishJob({ board, reviews }, job);

    const again = await publishJob({ board, reviews }, { ...job, hash: "h2" });

    expect(again).toMatchObject({ kind: "published" });
    expect(await reviews.status(12)).toMatchObject({ spent: 500_000 });
  });

  test("is known again among many, and one of long ago is not", async () => {
    const board = aBoard();
    const reviews = reviewing(board);
    const job = await thoughtJob({ board, reviews }, full, true);
    const kinds: string[] = [];
    for (const at of Array.from({ length: 21 }, (_, index) => index)) {
      await publishJob({ board, reviews }, { ...job, hash: String(at) });
    }
    for (const hash of ["20", "1", "0"]) {
      kinds.push((await publishJob({ board, reviews }, { ...job, hash })).kind);
    }

    expect(kinds).toEqual(["repeated", "repeated", "published"]);
  });
});
