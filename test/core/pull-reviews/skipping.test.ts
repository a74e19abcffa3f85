import { describe, expect, test } from "vitest";

import { SkeinError } from "../../../src/core/base/errors.ts";
import { hostingErrors } from "../../../src/core/hosting/index.ts";
import { aBoard, aPull } from "../../support/pull-host.ts";
import { reviewing } from "../../support/pull-reviews.ts";

const idle = new AbortController().signal;
const opened = { kind: "opened" } as const;
const pushed = { kind: "pushed" } as const;
const draft = { isDraft: true } as const;

describe("skip", () => {
  test.each([
    ["failed", { failOn: ["high"] }, "failure"],
    ["asked for changes", {}, "neutral"],
  ] as const)(
    "leaves the check of an incomplete review that %s",
    async (_how, policy, conclusion) => {
      const board = aBoard();
      await reviewing(board, { policy, result: { verdict: "incomplete" } }).run(12, opened, idle);
      board.pull = aPull(draft);

      const outcome = await reviewing(board, { policy }).run(12, pushed, idle);

      expect(outcome).toMatchObject({ kind: "skipped", why: "It is a draft." });
      expect(board.checks.at(-1)).toMatchObject({ conclusion });
    },
  );

  test("shows a reason once, and another one anew", async () => {
    const board = aBoard({ pull: aPull(draft) });
    await reviewing(board).run(12, opened, idle);
    await reviewing(board).run(12, pushed, idle);
    expect(board.checks.map(({ summary }) => summary)).toEqual(["It is a draft."]);

    await reviewing(board, { policy: { required: true } }).run(12, pushed, idle);
    await reviewing(board, { policy: { required: true, drafts: true, on: "never" } }).run(
      12,
      pushed,
      idle,
    );

    expect(board.checks.map(({ conclusion }) => conclusion)).toEqual([
      "skipped",
      "failure",
      "failure",
    ]);
    expect(board.checks.at(-1)?.summary).toContain("`/skein review`");
  });

  test("ends the check of a run that another job began", async () => {
    const board = aBoard();
    const reviews = reviewing(board);
    const { run } = await reviews.reserve(await reviews.collect(12, opened));
    await reviews.pause(12, true);

    await reviews.skip(await reviews.collect(12, pushed, run?.id));

    expect(board.checks.at(-1)).toMatchObject({ conclusion: "skipped" });
    expect(board.replaced).toMatchObject([{ externalId: run?.id }]);
  });

  test("is told by the run alone where the token of a fork's event may not look", async () => {
    const board = aBoard({ pull: aPull({ isFork: true }) });
    board.onCall = () => {
      if (board.calls.at(-1) === "checks.list") {
        throw new SkeinError(hostingErrors.denied);
      }
    };

    expect(await reviewing(board).run(12, opened, idle)).toMatchObject({ kind: "skipped" });
    board.pull = aPull(draft);
    await expect(reviewing(board).run(12, opened, idle)).rejects.toMatchObject({
      code: "SKN-3651",
    });
  });
});
