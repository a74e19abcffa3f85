import { createHash } from "node:crypto";

import { isDenied } from "../hosting/index.ts";
import type { CheckReport, CheckRun } from "../hosting/index.ts";
import type { CollectedPull } from "./collecting.ts";
import { reviewCheck } from "./deps.ts";
import type { PullReviewsDeps } from "./deps.ts";

/** People see why nothing is said. A branch rule takes "skipped" as passed, so that a required review never ends so. */
export async function skip(
  deps: PullReviewsDeps,
  collected: CollectedPull,
): Promise<{ readonly kind: "skipped"; readonly why: string }> {
  const { pull, decision } = collected;
  const why = decision.kind === "skip" ? decision.why : "It is not to be reviewed.";
  if (pull.isOpen) {
    await show(deps, collected, reportOf(deps, pull.head.sha, why));
  }
  return { kind: "skipped", why };
}

function reportOf({ policy }: PullReviewsDeps, headSha: string, why: string): CheckReport {
  return {
    headSha,
    name: reviewCheck,
    conclusion: policy.required ? "failure" : "skipped",
    title: "Not reviewed",
    summary: why,
    text: "",
    annotations: [],
    externalId: skippedId(why),
    detailsUrl: null,
  };
}

/** How the check of what was not reviewed is named, so that a reason is shown once. */
const skipped = "skipped:";

/** The name of such a check: a look for heads that were missed reviews them, once nothing is in the way. */
export function skippedId(why: string): string {
  return `${skipped}${createHash("sha256").update(why).digest("hex").slice(0, 16)}`;
}

/** True for a check that shows only why a head was not reviewed. */
export function isSkipped({ externalId }: CheckRun): boolean {
  return externalId?.startsWith(skipped) === true;
}

/** The event of a fork has a token that only reads: then only the run itself says why, and a required check stays open. */
async function show(
  { host }: PullReviewsDeps,
  collected: CollectedPull,
  report: CheckReport,
): Promise<void> {
  const { pull, run } = collected;
  try {
    const checks = await host.checks.list(pull.head.sha, reviewCheck);
    const [last] = checks;
    if (last === undefined || !isKept(last, collected, report)) {
      // A run of an earlier job ends here: nobody else would end its check.
      const own = checks.find(({ externalId }) => run !== null && externalId === run.id);
      await host.checks.report(report, own ?? null);
    }
  } catch (error) {
    if (!pull.isFork || !isDenied(error)) {
      throw error;
    }
  }
}

/** What a review said of this head stays, however the next event ends; a good word that it got against another branch does not. */
function isKept(check: CheckRun, { pull, state }: CollectedPull, report: CheckReport): boolean {
  const { conclusion, externalId } = check;
  if (isSkipped(check)) {
    return externalId === report.externalId && conclusion === report.conclusion;
  }
  if (conclusion === "success") {
    const last = state.reviewed.findLast(({ head }) => head === pull.head.sha);
    return last?.into === pull.base.branch;
  }
  return conclusion === "neutral" || conclusion === "failure";
}
