import { describe, expect, test } from "vitest";

import { systemRandom } from "../../src/adapters/process/clock.ts";
import { withoutMarkers } from "../../src/core/hosting/index.ts";
import { createPullReviews } from "../../src/core/pull-reviews/index.ts";
import type { Finding, ReviewResult } from "../../src/core/review/index.ts";
import { aliveIn, hiddenIn } from "../support/alive-markdown.ts";
import { injections } from "../support/injections.ts";
import { aBoard, pullHost } from "../support/pull-host.ts";
import type { PullBoard } from "../support/pull-host.ts";
import { aPolicy } from "../support/pull-policy.ts";
import { aFile, aFinding, aHunk, aResult } from "../support/review.ts";

/** Where a model that obeys can put what it was told to say. */
const carriers: Readonly<Record<string, (text: string) => ReviewResult>> = {
  "a finding's words": (text) => found({ title: text, body: text }),
  "the code that it quotes": (text) => found({ quoted: text }),
  "a path": (text) => found({ path: text, placement: "summary" }),
  "a suggestion": (text) => found({ quoted: "deux", suggestion: text }),
  "a vote's reason": (text) =>
    found({ ballots: [{ seat: 2, vote: "reject", reason: text, isRediscovery: false }] }),
  "a note and what was skipped": (text) =>
    aResult({ findings: [], notes: [text], skipped: [{ path: text, reason: text }] }),
};

/** All that a review may call: it reads, and writes one review, one comment and its check. */
const allowed = new Set([
  "self",
  "pulls.get",
  "comments",
  "threads",
  "permissionOf",
  "comment",
  "editComment",
  "checks.report",
  "publishReview",
  "resolveThread",
  "reply",
]);

describe("300 injections that a model obeys", () => {
  test.each(Object.entries(carriers))(
    "do nothing and stay dead when carried by %s",
    async (_carrier, carry) => {
      expect(injections.length).toBeGreaterThanOrEqual(300);
      for (const text of injections) {
        const board = aBoard();
        await review(board, carry(text));

        expect(board.calls.filter((name) => !allowed.has(name))).toEqual([]);
        expect(board.comments).toHaveLength(1);
        for (const written of textsOf(board)) {
          const shown = withoutMarkers(written).replaceAll(/^```suggestion\n[\s\S]*?^```$/gmu, "");
          expect(aliveIn(shown), text).toEqual([]);
          expect(hiddenIn(shown), text).toEqual([]);
        }
        for (const written of linesOf(board)) {
          expect(hiddenIn(written), text).toEqual([]);
          // They are shown as plain text: what a code host finds in any text is dead.
          expect(written.replaceAll(/`[^`]*`/gu, ""), text).not.toMatch(
            /(?:^|\s)@\w|https?:|#\d|<!--|^(?:::|\/)/mu,
          );
        }
      }
    },
  );
});

function found(odd: Partial<Finding>): ReviewResult {
  return aResult({ findings: [aFinding(odd)] });
}

async function review(board: PullBoard, result: ReviewResult): Promise<void> {
  const reviews = createPullReviews({
    host: pullHost(board),
    policy: aPolicy(),
    sign: null,
    random: systemRandom,
    review: async () => ({
      result: { ...result, head: board.pull.head.sha },
      files: [aFile({ hunks: [aHunk(1, [" un", "+deux", " trois"])] })],
      mode: "full",
    }),
    learn: null,
    refuse: null,
  });
  await reviews.run(12, { kind: "opened" }, new AbortController().signal);
}

function textsOf({ comments, reviews, checks, replies }: PullBoard): readonly string[] {
  return [
    ...comments.map(({ body }) => body),
    ...reviews.flatMap((each) => [each.body, ...each.comments.map(({ body }) => body)]),
    ...checks.flatMap(({ title, summary, text }) => [title, summary, text]),
    ...replies,
  ];
}

/** What the check says on lines. */
function linesOf({ checks }: PullBoard): readonly string[] {
  return checks.flatMap(({ annotations }) =>
    annotations.flatMap(({ title, message }) => [title, message]),
  );
}
