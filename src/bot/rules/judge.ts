import { createHash } from "node:crypto";

import { isDenied } from "../../core/hosting/index.ts";
import type { Annotation, CheckReport } from "../../core/hosting/index.ts";
import { evaluate, explainMarkdown } from "../../core/rules/index.ts";
import type { RulesResult } from "../../core/rules/index.ts";
import type { BotContext } from "../context.ts";
import type { Workplace } from "../workplace.ts";
import { annotationsOf } from "./annotations.ts";
import { readSnapshot } from "./snapshot.ts";
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
  const snapshot = await readSnapshot(context, place, judged);
  const result = evaluate(place.settings.rules, snapshot);
  const annotations = annotationsOf(result, snapshot.files);
  const externalId = printOf(result, annotations);
  const { sha: headSha } = judged.head;
  const [last] = await place.host.checks.list(headSha, rulesCheck);
  if (last?.externalId === externalId && last.conclusion !== null) {
    return { result, annotations, hasCheck: true };
  }
  const hasCheck = await show(context, place, {
    isFork: judged.head.isFork,
    report: {
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
    },
  });
  return { result, annotations, hasCheck };
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
