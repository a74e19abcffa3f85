import { randomInt } from "node:crypto";

import type { PullRequest } from "../../core/hosting/index.ts";
import { explainMarkdown } from "../../core/rules/index.ts";
import type { RulesResult } from "../../core/rules/index.ts";
import { annotationsFor } from "../annotating.ts";
import { plainOutcome } from "../context.ts";
import type { BotContext, HandlerOutcome } from "../context.ts";
import { numberOf } from "../event.ts";
import type { BotEvent } from "../event.ts";
import { judge, judgeHead, mostOfHead } from "../rules/judge.ts";
import type { Judgement } from "../rules/judge.ts";
import { judgedOf } from "../rules/snapshot.ts";
import { openWorkplace } from "../workplace.ts";
import type { Workplace } from "../workplace.ts";

/** Judges by the rules what an event is about: one pull request, a merge queue's head, or all that a push concerns. */
export async function handleRules(context: BotContext): Promise<HandlerOutcome> {
  return judgeEvent(context, await openWorkplace(context));
}

export async function judgeEvent(context: BotContext, place: Workplace): Promise<HandlerOutcome> {
  const { event } = context;
  if (event.kind === "merge-group") {
    return judgeGroup(context, place, event);
  }
  if (event.kind === "push" || event.kind === "schedule") {
    return judgeOpen(context, place, await concerned(place, event));
  }
  const number = numberOf(event);
  const pull = number === null ? null : await place.host.pulls.get(number);
  return pull === null
    ? plainOutcome("skipped", "This event is of no pull request.")
    : told(context, await judge(context, place, judgedOf(pull)));
}

async function judgeGroup(
  context: BotContext,
  place: Workplace,
  { head, base }: Extract<BotEvent, { readonly kind: "merge-group" }>,
): Promise<HandlerOutcome> {
  const ref = base.ref.replace(/^refs\/heads\//u, "");
  return told(
    context,
    await judge(context, place, {
      base: { ref, sha: base.sha },
      head: { ref: null, sha: head.sha, isFork: false },
      pull: null,
    }),
  );
}

/** The pull requests that a push concerns: those of its branch; of the default branch, whose rules may be others now, all. */
async function concerned(
  { host }: Workplace,
  event: Extract<BotEvent, { readonly kind: "push" | "schedule" }>,
): Promise<readonly PullRequest[]> {
  if (event.kind === "schedule") {
    return host.pulls.open();
  }
  const branch = /^refs\/heads\/(.+)$/u.exec(event.ref)?.[1];
  if (branch === undefined || /^0+$/u.test(event.after)) {
    return [];
  }
  const { defaultBranch } = event.repository;
  return branch === defaultBranch ? host.pulls.open() : host.pulls.open(branch);
}

/** So many pull requests are judged in one run. */
export const mostJudged = 30;

/** Those of one run: where there are more, from any place on and around, so that who opens many pull requests keeps none from being judged. */
export function turnOf<T>(pulls: readonly T[], start: number): readonly T[] {
  return pulls.length <= mostJudged
    ? pulls
    : [...pulls.slice(start), ...pulls.slice(0, start)].slice(0, mostJudged);
}

/** Those of a turn by their heads, each with the others of its head: they have one check. Of a head that more have than are judged together, those of the turn. */
function headsOf(
  turn: readonly PullRequest[],
  all: readonly PullRequest[],
): readonly { readonly pulls: readonly PullRequest[]; readonly count: number }[] {
  const heads = new Set(turn.map(({ head }) => head.sha));
  return Array.from(heads, (sha) => {
    const ofHead = all.filter(({ head }) => head.sha === sha);
    const isCrowded = ofHead.length > mostOfHead;
    const pulls = isCrowded ? turn.filter(({ head }) => head.sha === sha) : ofHead;
    return { pulls, count: ofHead.length };
  });
}

async function judgeOpen(
  context: BotContext,
  place: Workplace,
  pulls: readonly PullRequest[],
): Promise<HandlerOutcome> {
  const results: RulesResult[] = [];
  const turn = turnOf(pulls, randomInt(Math.max(1, pulls.length)));
  for (const ofHead of headsOf(turn, pulls)) {
    context.signal.throwIfAborted();
    if (results.length < mostJudged) {
      results.push(...(await judgeHead(context, place, ofHead)));
    }
  }
  const failing = results.filter(({ conclusion }) => conclusion !== "pass").length;
  // Each has its own check: the run itself has done what it should.
  return plainOutcome(
    "success",
    `Open pull requests judged by the rules: ${String(results.length)}, of which failing: ${String(failing)}.`,
  );
}

function told(context: BotContext, { result, ...shown }: Judgement): HandlerOutcome {
  return {
    ...plainOutcome(result.conclusion === "pass" ? "success" : "failure", result.summary),
    summary: explainMarkdown(result),
    annotations: annotationsFor(context, shown),
  };
}
