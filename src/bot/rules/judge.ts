import { createHash } from "node:crypto";

import { isDenied } from "../../core/hosting/index.ts";
import type { Annotation, CheckReport, CheckRun, PullRequest } from "../../core/hosting/index.ts";
import { evaluate, explainMarkdown } from "../../core/rules/index.ts";
import type { RulesResult } from "../../core/rules/index.ts";
import type { BotContext } from "../context.ts";
import type { Workplace } from "../workplace.ts";
import { annotationsOf } from "./annotations.ts";
import { judgedOf, readSnapshot } from "./snapshot.ts";
import type { Judged } from "./snapshot.ts";

/** The name of the check. */
export const rulesCheck = "skein/rules";

/** What rules say of a head. */
export interface Judgement {
  readonly result: RulesResult;
  readonly annotations: readonly Annotation[];
  /** False where the token may not write checks: then only the run says it. */
  readonly hasCheck: boolean;
}

/** Judges a head by the rules of the default branch and shows it as a check, where it does not say the same already. */
export async function judge(
  context: BotContext,
  place: Workplace,
  judged: Judged,
): Promise<Judgement> {
  const own = await evaluated(context, place, judged);
  const { result, annotations } = own;
  const hasCheck = await shown(context, place, { judged: [judged], own: [own], isCrowded: false });
  return { result, annotations, hasCheck };
}

/**
 * Judges pull requests of one head. It has one check, which says what the first of them lacks that lacks something, in the order of their numbers: said
 * of each in turn it would be written anew each time. `count` tells how many pull requests have the head.
 */
export async function judgeHead(
  context: BotContext,
  place: Workplace,
  { pulls, count }: { readonly pulls: readonly PullRequest[]; readonly count: number },
): Promise<readonly RulesResult[]> {
  const judged = pulls.toSorted((one, other) => one.number - other.number).map(judgedOf);
  const own: Evaluated[] = [];
  for (const each of judged) {
    context.signal.throwIfAborted();
    own.push(await evaluated(context, place, each));
  }
  await shown(context, place, { judged, own, isCrowded: count > mostOfHead });
  return own.map(({ result }) => result);
}

/** What is judged of one head, and what came of each. */
interface JudgedHead {
  readonly judged: readonly Judged[];
  readonly own: readonly Evaluated[];
  /** True: more have the head than are judged together. */
  readonly isCrowded: boolean;
}

/** False where the token may not write checks. */
async function shown(context: BotContext, place: Workplace, head: JudgedHead): Promise<boolean> {
  const [first] = head.judged;
  if (first === undefined) {
    return false;
  }
  const [last] = await place.host.checks.list(first.head.sha, rulesCheck);
  const report = await reportNow(context, place, { head, last });
  if (report === null || isSame(last, report)) {
    return true;
  }
  const isFork = head.judged.every((each) => each.head.isFork);
  const hasCheck = await show(context, place, { isFork, report });
  if (hasCheck && report.conclusion === "success") {
    await lookAgain(context, place, { head, last });
  }
  return hasCheck;
}

function isSame(last: CheckRun | undefined, { externalId, conclusion }: CheckReport): boolean {
  return last?.externalId === externalId && last.conclusion === conclusion;
}

/**
 * One that is not ended, as where its lines are still being written or it was asked for anew, may be of another pull request that fails. Where there is
 * none, one of a fork may have failed, whose event may write no check.
 */
function hidesAnother(last: CheckRun | undefined, judged: readonly Judged[]): boolean {
  return last === undefined
    ? judged.some(({ head }) => head.isFork)
    : last.conclusion !== "success";
}

interface Before {
  readonly head: JudgedHead;
  /** The check that was there before ours. */
  readonly last: CheckRun | undefined;
}

/** Null: there is nothing to say. */
async function reportNow(
  context: BotContext,
  place: Workplace,
  { head, last }: Before,
): Promise<CheckReport | null> {
  const { judged, own, isCrowded } = head;
  const sha = judged[0]?.head.sha ?? "";
  const failing = own.find(({ result }) => result.conclusion !== "pass");
  if (failing !== undefined) {
    return isCrowded ? tooMany(sha) : reportOf(sha, failing);
  }
  const other = hidesAnother(last, judged) ? await failingToo(context, place, judged) : null;
  const [first] = own;
  return other ?? (first === undefined ? null : reportOf(sha, first));
}

/** One push is an event of each pull request, and their jobs run at once: one that failed meanwhile is not hidden by a check that came later. */
async function lookAgain(
  context: BotContext,
  place: Workplace,
  { head: { judged }, last }: Before,
): Promise<void> {
  const sha = judged[0]?.head.sha ?? "";
  const now = await place.host.checks.list(sha, rulesCheck);
  const hasFailed = now.some(
    ({ id, conclusion }) => conclusion === "failure" && id > (last?.id ?? 0),
  );
  const other = hasFailed ? await failingToo(context, place, judged) : null;
  if (other !== null) {
    const isFork = judged.every((each) => each.head.isFork);
    await show(context, place, { isFork, report: other });
  }
}

interface Evaluated {
  readonly result: RulesResult;
  readonly annotations: readonly Annotation[];
  readonly externalId: string;
}

async function evaluated(
  context: BotContext,
  place: Workplace,
  judged: Judged,
): Promise<Evaluated> {
  const snapshot = await readSnapshot(context, place, judged);
  const result = evaluate(place.settings.rules, snapshot);
  const annotations = annotationsOf(result, snapshot.files);
  return { result, annotations, externalId: printOf(result, annotations) };
}

/** So many pull requests of one head are judged together. */
export const mostOfHead = 6;

/**
 * A check is of a commit, whichever pull requests have it as their head: what one of them lacks is not made good by another, as by one into a branch for
 * which a rule is not. The report of the first of the others that does not hold the rules, or that there are too many to judge; null: all hold them.
 */
async function failingToo(
  context: BotContext,
  place: Workplace,
  judged: readonly Judged[],
): Promise<CheckReport | null> {
  const sha = judged[0]?.head.sha ?? "";
  const known = new Set(judged.map(({ pull }) => pull?.number));
  const open = await place.host.pulls.open();
  const others = open.filter((pull) => pull.head.sha === sha && !known.has(pull.number));
  if (others.length + judged.length > mostOfHead) {
    return tooMany(sha);
  }
  for (const pull of others) {
    const other = await evaluated(context, place, judgedOf(pull));
    if (other.result.conclusion !== "pass") {
      context.log.info(`#${String(pull.number)} has this head, too, and does not hold the rules.`);
      return reportOf(sha, other);
    }
  }
  return null;
}

/** Whoever opens many must not keep the one that fails from being looked at. */
function tooMany(headSha: string): CheckReport {
  return {
    ...blank,
    headSha,
    conclusion: "failure",
    title: `More than ${String(mostOfHead)} pull requests have this head`,
    summary:
      "A check is of a commit. One pull request of it did not hold the rules, and not all of so many are judged: close some of them, then judge it again.",
    annotations: [],
    externalId: "too-many-pull-requests",
  };
}

/** What is the same in each check of ours. */
const blank = { name: rulesCheck, text: "", detailsUrl: null };

function reportOf(headSha: string, { result, annotations, externalId }: Evaluated): CheckReport {
  return {
    ...blank,
    headSha,
    // What could not be judged is never green.
    conclusion: result.conclusion === "pass" ? "success" : "failure",
    title: result.summary.slice(0, 200),
    summary: explainMarkdown(result).slice(0, 60_000),
    annotations,
    externalId,
  };
}

interface Shown {
  readonly isFork: boolean;
  readonly report: CheckReport;
}

/** The event of a fork has a token that only reads: its run says what the check would, and the sweep shows it. False: it is not shown. */
async function show(
  { log }: BotContext,
  { host }: Workplace,
  { isFork, report }: Shown,
): Promise<boolean> {
  try {
    await host.checks.report(report, null);
    return true;
  } catch (error) {
    if (!isFork || !isDenied(error)) {
      throw error;
    }
    log.info("The token of a fork's event may not write checks: the next sweep shows this one.");
    return false;
  }
}

/**
 * Tells two results apart by all that people read of them: reasons, steps, lists, warnings, lines. Of an age only whether it is under an hour, of hours or
 * of days, and of a lease not until when it is held, so that a sweep writes a check again when its words are far off and not since time has passed.
 */
function printOf(
  { conclusion, rows, baseSha, policyHash }: RulesResult,
  annotations: readonly Annotation[],
): string {
  const told = rows.map(({ rule, result, reason, fix, details, warnings }) => [
    rule,
    result,
    reason,
    fix,
    details,
    warnings,
  ]);
  const text = coarse(JSON.stringify([conclusion, told, annotations, baseSha, policyHash]));
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/**
 * Ages are written in their greatest unit; a ledger that grows too old changes a reason, whatever its age. A lease that is renewed is the same lease,
 * and one that is not goes out of the text.
 */
function coarse(text: string): string {
  return text
    .replaceAll(/\buntil \d\d:\d\d UTC unless renewed\b/gu, "until it is not renewed")
    .replaceAll(/\b\d+ (?:second|minute)s?\b/gu, "under an hour")
    .replaceAll(/\b\d+ (hour|day)s?\b/gu, "$1s");
}
