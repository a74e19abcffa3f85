import { describe, expect, test } from "vitest";
import { publish } from "../../src/bot/review/stages.ts";
import type { PullOutcome, PullReviews } from "../../src/core/pull-reviews/index.ts";
import { aBoard, aPull, publicationIn } from "../support/pull-host.ts";
import type { PullBoard } from "../support/pull-host.ts";
import { reviewing } from "../support/pull-reviews.ts";
import { aContext, anEvent } from "./contexts.ts";

const idle = new AbortController().signal;
const opened = { kind: "opened" } as const;

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
  return publish(
    aContext({
      event: anEvent("schedule", null),
      received: {
        kind: "review",
        headSha: board.pull.head.sha,
        baseSha: board.pull.base.sha,
        payload: { run: run?.id ?? null, publication: publicationIn(thought) },
      },
    }),
    reviews,
    collected,
  );
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
