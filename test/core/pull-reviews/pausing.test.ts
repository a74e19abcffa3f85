import { describe, expect, test } from "vitest";

import { withoutMarkers } from "../../../src/core/hosting/index.ts";
import type { IssueComment } from "../../../src/core/hosting/index.ts";
import { aBoard } from "../../support/pull-host.ts";
import { reviewing } from "../../support/pull-reviews.ts";

const idle = new AbortController().signal;
const opened = { kind: "opened" } as const;
const note = "**Reviews are paused here.** `/skein resume` lets them go on.";

describe("pause", () => {
  test("keeps the summary, and takes its own line away again", async () => {
    const board = aBoard();
    const reviews = reviewing(board);
    await reviews.run(12, opened, idle);
    const before = shown(board.comments[0]);

    await reviews.pause(12, true);
    const paused = board.comments[0]?.body ?? "";
    await reviews.pause(12, false);

    expect(paused).toContain("## Skein review: changes asked");
    expect(paused.split(note)).toHaveLength(2);
    expect(shown(board.comments[0])).toBe(before);
    expect(await reviews.status(12)).toMatchObject({ isPaused: false, spent: 250_000 });
  });

  test("writes nothing where it changes nothing", async () => {
    const board = aBoard();
    const reviews = reviewing(board);

    await reviews.pause(12, false);
    expect(board.comments).toEqual([]);
    await reviews.pause(12, true);
    board.calls = [];
    await reviews.pause(12, true);

    expect(board.calls).not.toContain("editComment");
    expect(board.comments.map(({ body }) => body.split(note).length)).toEqual([2]);
  });

  test("does not write a state anew that somebody changed", async () => {
    const board = aBoard();
    const reviews = reviewing(board);
    await reviews.run(12, opened, idle);
    board.comments = board.comments.map((comment) => ({
      ...comment,
      body: comment.body.replace(/v1 \S{4}/u, "v1 AAAA"),
    }));
    const changed = board.comments;

    await expect(reviews.pause(12, true)).rejects.toMatchObject({ code: "SKN-4671" });

    expect(board.comments).toEqual(changed);
  });
});

function shown(comment: IssueComment | undefined): string {
  return withoutMarkers(comment?.body ?? "");
}
