import { createHash } from "node:crypto";

import { isDenied } from "../../core/hosting/index.ts";
import type { Annotation, CheckReport } from "../../core/hosting/index.ts";
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
  const { sha: headSha, isFork } = judged.head;
  const [last] = await place.host.checks.list(headSha, rulesCheck);
  const isMending = result.conclusion === "pass" && last?.conclusion === "failure";
  const other = isMending ? await failingToo(context, place, judged) : null;
  const shown = other ?? own;
  if (last?.externalId === shown.externalId && last.conclusion !== null) {
    return { result, annotations, hasCheck: true };
  }
  const report = reportOf(headSha, shown);
  const hasCheck = await show(context, place, { isFork, report });
  return { result, annotations, hasCheck };
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

/** So many pull requests of one head are looked at. */
const mostOfHead = 5;

/**
 * A check is of a commit, whichever pull requests have it as their head: what one of them lacks is not made good by another, as by one into a branch for
 * which a rule is not. The first of the others that does not hold the rules; null: all do.
 */
async function failingToo(
  context: BotContext,
  place: Workplace,
  { head, pull: own }: Judged,
): Promise<Evaluated | null> {
  const open = await place.host.pulls.open();
  const others = open.filter((pull) => pull.head.sha === head.sha && pull.number !== own?.number);
  for (const pull of others.slice(0, mostOfHead)) {
    const other = await evaluated(context, place, judgedOf(pull));
    if (other.result.conclusion !== "pass") {
      context.log.info(`#${String(pull.number)} has this head, too, and does not hold the rules.`);
      return other;
    }
  }
  return null;
}

function reportOf(headSha: string, { result, annotations, externalId }: Evaluated): CheckReport {
  return {
    headSha,
    name: rulesCheck,
    // What could not be judged is never green.
    conclusion: result.conclusion === "pass" ? "success" : "failure",
    title: result.summary.slice(0, 200),
    summary: explainMarkdown(result).slice(0, 60_000),
    text: "",
    annotations,
    externalId,
    detailsUrl: null,
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
