import { isAtLeast } from "../hosting/index.ts";
import type { Permission, PullRequest, User } from "../hosting/index.ts";
import type { PresetName } from "../review/index.ts";
import { exactUsd } from "../costs/index.ts";
import type { ReviewPolicy } from "./policy.ts";
import { spentOf } from "./state.ts";
import type { PullState } from "./state.ts";

/** Why a review is wanted. */
export type Trigger =
  | { readonly kind: "opened" | "pushed" | "ready" | "swept" }
  | { readonly kind: "labeled" | "asked" | "dispatched"; readonly ask: Ask };

/** What somebody asked for. */
export interface Ask {
  readonly by: User;
  readonly permission: Permission;
  /** True: nothing that was reviewed before is left out. */
  readonly isFull: boolean;
  readonly preset: PresetName | null;
  /** The head that is meant, in full; null: the one that is there. */
  readonly sha: string | null;
}

export interface DecideRequest {
  readonly pull: PullRequest;
  readonly state: PullState;
  readonly trigger: Trigger;
  readonly policy: ReviewPolicy;
}

/** Whether a pull request is reviewed. `why` is a sentence for people, also to be shown in the check. */
export type Decision =
  | { readonly kind: "review"; readonly isFull: boolean; readonly preset: PresetName | null }
  | Skip;

export interface Skip {
  readonly kind: "skip";
  readonly why: string;
  /** `thinking`: only new money is not to be spent, and what was thought before may still be said. `all`: nothing is to be said. */
  readonly stops: "all" | "thinking";
}

/** The label that keeps Skein away from a pull request. Only who may label can set it. */
export const ignoreLabel = "skein:ignore";

/** Decides whether to review. Money is looked at last, so that the reason named is the one that a person can change. */
export function decideReview(request: DecideRequest): Decision {
  const ask = askOf(request.trigger);
  return (
    skipping("all", closedWhy(request) ?? askWhy(request)) ??
    unaskedSkip(request) ??
    skipping("thinking", spentWhy(request)) ?? {
      kind: "review",
      isFull: ask?.isFull ?? false,
      preset: ask?.preset ?? null,
    }
  );
}

function skipping(stops: Skip["stops"], why: string | null): Skip | null {
  return why === null ? null : { kind: "skip", why, stops };
}

function askOf(trigger: Trigger): Ask | null {
  return "ask" in trigger ? trigger.ask : null;
}

function closedWhy({ pull }: DecideRequest): string | null {
  if (!pull.isOpen) {
    return "The pull request is closed.";
  }
  return pull.labels.includes(ignoreLabel) ? `It has the label ${ignoreLabel}.` : null;
}

/** What was asked for costs money: only people who may write here ask, and of a fork's code they name what they looked at. */
function askWhy({ trigger, pull, policy }: DecideRequest): string | null {
  const ask = askOf(trigger);
  if (ask === null) {
    return null;
  }
  if (ask.by.kind === "bot" && !policy.allowBots.includes(ask.by.login)) {
    return "A bot asked that `allow_bots` does not name.";
  }
  if (!isAtLeast(ask.permission, "write")) {
    return "Only who may write to the repository can ask for a review.";
  }
  if (ask.sha !== null && ask.sha !== pull.head.sha) {
    return `The head has moved on to ${pull.head.sha}: look at it and ask again.`;
  }
  return pull.isFork && ask.sha === null
    ? "It comes from a fork: look at it, then ask with the head's full SHA, as `/skein review SHA`."
    : null;
}

function unaskedSkip({ trigger, pull, policy, state }: DecideRequest): Skip | null {
  const ask = askOf(trigger);
  const already = skipping("all", alreadyWhy(ask, pull, state));
  if (ask !== null) {
    return already;
  }
  // Of a head that was reviewed all has been said, whatever else speaks against it: a job that runs once more publishes nothing twice.
  const stops = already === null ? "thinking" : "all";
  return (
    skipping("all", authorWhy(pull, policy)) ??
    skipping(stops, momentWhy(trigger, policy, state)) ??
    already
  );
}

function authorWhy(pull: PullRequest, { drafts, allowBots }: ReviewPolicy): string | null {
  if (pull.isFork) {
    return "It comes from a fork: who may write here asks with `/skein review` and the head's full SHA.";
  }
  if (pull.isDraft && !drafts) {
    return "It is a draft.";
  }
  return pull.author.kind === "bot" && !allowBots.includes(pull.author.login)
    ? "Its author is a bot that `allow_bots` does not name."
    : null;
}

function momentWhy(trigger: Trigger, { on }: ReviewPolicy, state: PullState): string | null {
  if (state.is_paused) {
    return "Reviews are paused here: `/skein resume` lets them go on.";
  }
  if (on === "never" || on === "label") {
    return "Reviews are made when they are asked for: by the label skein:review, or `/skein review`.";
  }
  const isFirst = trigger.kind === "opened" || trigger.kind === "ready";
  return on === "opened" && !isFirst && state.reviewed.length > 0
    ? "New heads are reviewed when they are asked for: `/skein review`."
    : null;
}

function alreadyWhy(ask: Ask | null, { head, base }: PullRequest, state: PullState): string | null {
  const last = state.reviewed.at(-1);
  const isSame = last !== undefined && last.head === head.sha && last.base === base.sha;
  return isSame && ask?.isFull !== true
    ? "This head was reviewed already: `/skein full review` reviews it again."
    : null;
}

function spentWhy({ state, policy: { pullRequestLimit: limit } }: DecideRequest): string | null {
  const spent = spentOf(state);
  return limit !== null && spent >= limit
    ? `The budget of this pull request is used up: ${exactUsd(spent)} of ${exactUsd(limit)} USD.`
    : null;
}
