import { describe, expect, test } from "vitest";
import { decideReview, ignoreLabel } from "../../../src/core/pull-reviews/decide.ts";
import type { Ask, Decision, Trigger } from "../../../src/core/pull-reviews/decide.ts";
import type { ReviewPolicy } from "../../../src/core/pull-reviews/index.ts";
import { freshState } from "../../../src/core/pull-reviews/state.ts";
import type { PullState } from "../../../src/core/pull-reviews/state.ts";
import { aPull, grace, skeinBot, stranger } from "../../support/pull-host.ts";
import { aPolicy } from "../../support/pull-policy.ts";

const bot = { id: 9, login: "renovate[bot]", kind: "bot" } as const;
const head = aPull().head.sha;
const reviewed: PullState = {
  ...freshState,
  reviewed: [{ base: aPull().base.sha, into: "main", head }],
};

describe("decideReview", () => {
  test("reviews a pull request that was opened", () => {
    expect(decided({})).toEqual({ kind: "review", isFull: false, preset: null });
  });

  test("passes the wishes of who asks on", () => {
    expect(decided({ trigger: asked({ isFull: true, preset: "critical" }) })).toEqual({
      kind: "review",
      isFull: true,
      preset: "critical",
    });
  });

  test.each([
    ["is closed", { pull: aPull({ isOpen: false }) }, /closed/u],
    ["is to be ignored", { pull: aPull({ labels: [ignoreLabel] }) }, /skein:ignore/u],
    ["is a draft", { pull: aPull({ isDraft: true }) }, /draft/u],
    ["is a bot's", { pull: aPull({ author: bot }) }, /allow_bots/u],
    ["comes from a fork", { pull: aPull({ isFork: true }) }, /fork/u],
    ["is paused", { state: { ...freshState, is_paused: true } }, /resume/u],
    ["was reviewed at this head", { state: reviewed }, /already/u],
    ["is not to be reviewed unasked", { policy: { on: "label" } }, /asked/u],
    [
      "has a new head where only the first is reviewed",
      { policy: { on: "opened" }, state: withHead("d"), trigger: { kind: "pushed" } },
      /asked/u,
    ],
    [
      "has used its budget up",
      {
        state: { ...freshState, spent_micro_usd: 2_000_000 },
        policy: { pullRequestLimit: 2_000_000 },
      },
      /2 of 2|2\.00/u,
    ],
    [
      "has runs of unknown end that may have used its budget up",
      {
        state: { ...freshState, open_runs: [{ id: "r", head, micro_usd: 2_000_000 }] },
        policy: { pullRequestLimit: 2_000_000 },
      },
      /budget/u,
    ],
  ] as const)("skips one that %s, and says why", (_what, given, why) => {
    expect(skipReason(decided(given))).toMatch(why);
  });

  test("lets what was thought be said after a pause, and nothing of a head that was reviewed", () => {
    const is_paused = true;

    expect(decided({ state: { ...freshState, is_paused } })).toMatchObject({ stops: "thinking" });
    expect(decided({ state: { ...reviewed, is_paused } })).toMatchObject({ stops: "all" });
    expect(
      decided({ state: reviewed, policy: { on: "opened" }, trigger: { kind: "pushed" } }),
    ).toMatchObject({ stops: "all" });
  });

  test.each([
    ["a stranger", asked({ by: stranger, permission: "read" }), /write/u],
    ["somebody who may only triage", asked({ by: stranger, permission: "triage" }), /write/u],
    ["a bot that nobody named", asked({ by: bot }), /allow_bots/u],
    ["somebody who looked at another head", asked({ sha: "e".repeat(40) }), /moved/u],
  ])("does not obey %s", (_who, trigger, why) => {
    expect(skipReason(decided({ trigger }))).toMatch(why);
  });

  test("reviews a fork's head only for who may write and names that head", () => {
    const pull = aPull({ isFork: true });

    expect(skipReason(decided({ pull, trigger: asked({}) }))).toMatch(/full SHA/u);
    expect(decided({ pull, trigger: asked({ sha: head }) }).kind).toBe("review");
    expect(decided({ pull, trigger: asked({ sha: head, permission: "read" }) }).kind).toBe("skip");
  });

  test("reviews drafts, bots' work and paused ones for who asks", () => {
    const pull = aPull({ isDraft: true, author: skeinBot });
    const state = { ...freshState, is_paused: true };

    expect(decided({ pull, state, trigger: asked({}) }).kind).toBe("review");
  });

  test("reviews a head again only where all is wanted", () => {
    expect(decided({ state: reviewed, trigger: asked({}) }).kind).toBe("skip");
    expect(decided({ state: reviewed, trigger: asked({ isFull: true }) }).kind).toBe("review");
  });

  test("reviews the same head again on another base", () => {
    const state = { ...freshState, reviewed: [{ base: "9".repeat(40), into: "main", head }] };

    expect(decided({ state }).kind).toBe("review");
  });
});

interface Given {
  readonly pull?: ReturnType<typeof aPull>;
  readonly state?: PullState;
  readonly trigger?: Trigger;
  readonly policy?: Partial<ReviewPolicy>;
}

function decided({ pull = aPull(), state = freshState, trigger, policy }: Given): Decision {
  return decideReview({
    pull,
    state,
    trigger: trigger ?? { kind: "opened" },
    policy: aPolicy(policy),
  });
}

function asked(ask: Partial<Ask>): Trigger {
  const usual: Ask = { by: grace, permission: "write", isFull: false, preset: null, sha: null };
  return { kind: "asked", ask: { ...usual, ...ask } };
}

function withHead(letter: string): PullState {
  return {
    ...freshState,
    reviewed: [{ base: "b".repeat(40), into: "main", head: letter.repeat(40) }],
  };
}

function skipReason(decision: Decision): string {
  return decision.kind === "skip" ? decision.why : "";
}
