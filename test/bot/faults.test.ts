import { describe, expect, test } from "vitest";

import { obey } from "../../src/bot/commands/obey.ts";
import type { Command } from "../../src/bot/commands/command.ts";
import { judge } from "../../src/bot/rules/judge.ts";
import { judgedOf } from "../../src/bot/rules/snapshot.ts";
import type { Workplace } from "../../src/bot/workplace.ts";
import { loadSettings } from "../../src/settings.ts";
import { aBoard, grace, pullHost } from "../support/pull-host.ts";
import type { PullBoard } from "../support/pull-host.ts";
import { aContext, aPayload } from "./contexts.ts";
import { parsePayload } from "../../src/bot/payload.ts";

const { settings } = await loadSettings({ root: "/", env: {}, text: null });

/** A comment on the one pull request of the board. */
const event = parsePayload(
  "issue_comment",
  {
    ...aPayload("created"),
    issue: { number: 12, title: "Round", body: "", state: "open", pull_request: {} },
  },
  null,
);

const commands: readonly Command[] = [
  { kind: "tell", what: "status" },
  { kind: "tell", what: "budget" },
  { kind: "tell", what: "help" },
  { kind: "steer", act: "pause" },
  { kind: "steer", act: "resume" },
  { kind: "steer", act: "ignore" },
  { kind: "steer", act: "resolve" },
  { kind: "assign", login: "grace" },
  { kind: "unknown", word: "launch" },
];

describe("a fault at each call of the host in turn", () => {
  test.each(commands)("leaves what the next run completes: %j", async (command) => {
    const act = async (board: PullBoard): Promise<unknown> =>
      obey(aContext({ event }), placeOf(board), { command, by: grace });
    const calm = aBoard();
    await act(calm);

    expect(calm.calls.length).toBeGreaterThan(0);
    for (let failAt = 1; failAt <= calm.calls.length; failAt += 1) {
      const board = aBoard({ failAt });
      await expect(act(board)).rejects.toMatchObject({ code: "SKN-7651" });
      await act(board);

      expect(seen(board), `call ${String(failAt)}`).toEqual(seen(calm));
    }
  });

  test("leaves a check of the rules that the next run makes, and makes once", async () => {
    const calm = aBoard();
    await judged(calm);
    await judged(calm);

    expect(calm.checks).toHaveLength(1);
    for (let failAt = 1; failAt <= calm.calls.length / 2; failAt += 1) {
      const board = aBoard({ failAt });
      await expect(judged(board)).rejects.toMatchObject({ code: "SKN-7651" });
      await judged(board);

      expect(seen(board), `call ${String(failAt)}`).toEqual(seen(calm));
    }
  });
});

async function judged(board: PullBoard): Promise<unknown> {
  return judge(aContext({ event }), placeOf(board), judgedOf(board.pull));
}

function placeOf(board: PullBoard): Workplace {
  return { host: pullHost(board), settings, settingsText: null, sign: null };
}

/** What people see of a board. */
function seen({ comments, checks, pull, assigned, resolved }: PullBoard): object {
  return {
    comments: comments.map(({ body }) => body),
    checks: checks.map(({ name, conclusion, summary }) => ({ name, conclusion, summary })),
    labels: pull.labels,
    assigned,
    resolved,
  };
}
