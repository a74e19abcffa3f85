import { createHash } from "node:crypto";

import { isDenied } from "../../core/hosting/index.ts";
import type { CheckReport } from "../../core/hosting/index.ts";
import { evaluate, explainMarkdown } from "../../core/rules/index.ts";
import type { RulesResult } from "../../core/rules/index.ts";
import type { BotContext } from "../context.ts";
import type { Workplace } from "../workplace.ts";
import { readSnapshot } from "./snapshot.ts";
import type { Judged } from "./snapshot.ts";

/** The name of the check. */
export const rulesCheck = "skein/rules";

/** Judges a head by the rules of the default branch and shows it as a check, where it does not say the same already. */
export async function judge(
  context: BotContext,
  place: Workplace,
  judged: Judged,
): Promise<RulesResult> {
  const snapshot = await readSnapshot(context, place, judged);
  const result = evaluate(place.settings.rules, snapshot);
  const externalId = printOf(result);
  const { sha: headSha } = judged.head;
  const [last] = await place.host.checks.list(headSha, rulesCheck);
  if (last?.externalId !== externalId || last.conclusion === null) {
    await show(context, place, {
      isFork: judged.head.isFork,
      report: {
        headSha,
        name: rulesCheck,
        // What could not be judged is never green.
        conclusion: result.conclusion === "pass" ? "success" : "failure",
        title: result.summary.slice(0, 200),
        summary: explainMarkdown(result).slice(0, 60_000),
        text: "",
        annotations: [],
        externalId,
        detailsUrl: null,
      },
    });
  }
  return result;
}

interface Shown {
  readonly isFork: boolean;
  readonly report: CheckReport;
}

/** The event of a fork has a token that only reads: its run says what the check would, and the sweep shows it. */
async function show(
  { log }: BotContext,
  { host }: Workplace,
  { isFork, report }: Shown,
): Promise<void> {
  try {
    await host.checks.report(report, null);
  } catch (error) {
    if (!isFork || !isDenied(error)) {
      throw error;
    }
    log.info("The token of a fork's event may not write checks: the next sweep shows this one.");
  }
}

/** Tells two results apart, but for times that only pass. */
function printOf({ conclusion, rows, baseSha, policyHash }: RulesResult): string {
  const told = rows.map(({ rule, result, reason }) => [rule, result, withoutAge(reason)]);
  const text = JSON.stringify([conclusion, told, baseSha, policyHash]);
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

function withoutAge(reason: string): string {
  return reason.replaceAll(/\d+ (?:second|minute|hour|day)s?/gu, "");
}
