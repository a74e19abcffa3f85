import { describe, expect, test } from "vitest";
import { decideChild, moveOf, needsCloser } from "../../../src/core/decomposition/sync/decide.ts";
import type { IssueSide } from "../../../src/core/decomposition/sync/decide.ts";
import type { Settled } from "../../../src/core/decomposition/state.ts";
import type { User } from "../../../src/core/hosting/index.ts";
import type { TaskStatus } from "../../../src/core/plans/index.ts";

const open: IssueSide = { isOpen: true, closedAs: null, closer: null, isReopened: false };

function closed(odd: Partial<IssueSide>): IssueSide {
  return { isOpen: false, closedAs: "completed", closer: null, isReopened: false, ...odd };
}

function decide(settled: Settled, issue: IssueSide | null, task: TaskStatus | null) {
  return decideChild({
    known: { settled, round: 1 },
    issue,
    taskOf: (round) => (round === 1 ? task : null),
  });
}

describe("decideChild", () => {
  test.each<[string, Settled, IssueSide | null, TaskStatus | null, object]>([
    [
      "leaves an open child of an open task alone",
      "open",
      open,
      "claimed",
      { settled: "open", close: null },
    ],
    [
      "closes the child of a done task",
      "open",
      open,
      "done",
      { settled: "completed", close: "completed" },
    ],
    [
      "closes the child of a canceled task",
      "open",
      open,
      "canceled",
      { settled: "canceled", close: "not_planned" },
    ],
    [
      "begins a new attempt when a done child is open again",
      "completed",
      open,
      "done",
      { settled: "open", round: 2, close: null },
    ],
    [
      "begins a new attempt when a canceled child is open again",
      "canceled",
      open,
      "canceled",
      { settled: "open", round: 2 },
    ],
    [
      "begins a new attempt when a child that was gone is there again",
      "gone",
      open,
      "canceled",
      { settled: "open", round: 2, close: null },
    ],
    [
      "begins none when what was put aside is open again",
      "aside",
      open,
      "pending",
      { settled: "open", round: 1 },
    ],
    [
      "begins a new attempt on a reopening that comes before its own close was noted",
      "open",
      { ...open, isReopened: true },
      "done",
      { settled: "open", round: 2, close: null },
    ],
    [
      "begins none on a reopening whose task still runs",
      "open",
      { ...open, isReopened: true },
      "claimed",
      { settled: "open", round: 1, close: null },
    ],
    [
      "takes a writer's close for done",
      "open",
      closed({ closer: "writer" }),
      "pending",
      { settled: "completed", want: "done", close: null },
    ],
    [
      "takes a writer's close as not planned for canceled",
      "open",
      closed({ closer: "writer", closedAs: "not_planned" }),
      "pending",
      { settled: "canceled", want: "canceled" },
    ],
    [
      "takes a writer's duplicate for canceled",
      "open",
      closed({ closer: "writer", closedAs: "duplicate" }),
      "pending",
      { settled: "canceled", want: "canceled" },
    ],
    [
      "takes a close without a reason for completed, as older servers say it",
      "open",
      closed({ closer: "writer", closedAs: null }),
      "pending",
      { settled: "completed" },
    ],
    [
      "takes a writer's word of a failed task for a new attempt that is done",
      "open",
      closed({ closer: "writer" }),
      "failed",
      { settled: "completed", round: 2, want: "done" },
    ],
    [
      "puts another's close aside",
      "open",
      closed({ closer: "other" }),
      "pending",
      { settled: "aside", want: null, close: null },
    ],
    [
      "stays with a writer's word when another says the same",
      "completed",
      closed({ closer: "other" }),
      "done",
      { settled: "completed" },
    ],
    [
      "counts a close that was put aside once Skein's own work is done",
      "aside",
      closed({}),
      "done",
      { settled: "completed", close: null },
    ],
    [
      "keeps what it knows of a closed child",
      "completed",
      closed({}),
      null,
      { settled: "completed", want: "done" },
    ],
    [
      "leaves a done task done when its child is called not planned later",
      "completed",
      closed({ closer: "writer", closedAs: "not_planned" }),
      "done",
      { settled: "canceled", want: "done" },
    ],
    [
      "cancels the task of a child that is gone",
      "open",
      null,
      "pending",
      { settled: "gone", want: "canceled", close: null },
    ],
  ])("%s", (...[, settled, issue, task, decision]) => {
    expect(decide(settled, issue, task)).toMatchObject(decision);
  });
});

function by(id: number): User {
  return { id, login: "ann", kind: "person" };
}

describe("needsCloser", () => {
  test.each([
    ["an open child", { settled: "open", closer: null }, { isOpen: true, closedBy: null }, false],
    [
      "a child that was just closed",
      { settled: "open", closer: null },
      { isOpen: false, closedBy: by(2) },
      true,
    ],
    [
      "a child that is settled so already",
      { settled: "completed", closer: 2 },
      { isOpen: false, closedBy: by(2) },
      false,
    ],
    [
      "one that the same stranger closed",
      { settled: "aside", closer: 2 },
      { isOpen: false, closedBy: by(2) },
      false,
    ],
    [
      "one that another closed since",
      { settled: "aside", closer: 2 },
      { isOpen: false, closedBy: by(3) },
      true,
    ],
  ] as const)("%s", (...[, known, issue, expected]) => {
    expect(needsCloser(known, { ...issue, closedAs: issue.isOpen ? null : "completed" })).toBe(
      expected,
    );
  });
});

describe("moveOf", () => {
  test.each([
    ["done", "claimed", "release"],
    ["done", "submitted", "finish"],
    ["done", "pending", null],
    ["done", "done", null],
    ["canceled", "claimed", "cancel"],
    ["canceled", "failed", "cancel"],
    ["canceled", "canceled", null],
    ["canceled", "done", null],
    ["canceled", null, null],
    [null, "claimed", null],
  ] as const)("towards %s from %s is %s", (want, status, move) => {
    expect(moveOf(want, status)).toBe(move);
  });
});
