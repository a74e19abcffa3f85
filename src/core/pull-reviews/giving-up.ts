import { safeLine } from "../base/safe-markdown.ts";
import { stateNow } from "./collecting.ts";
import type { CollectedPull } from "./collecting.ts";
import { reviewCheck } from "./deps.ts";
import type { PullReviewsDeps } from "./deps.ts";
import { keepState } from "./publishing.ts";
import { withHandover, withoutRun } from "./state.ts";

/** Why a run ends, and who says so. */
export interface GivenUp {
  readonly why: string;
  /** As `PullReviews.publish` has it. */
  readonly handover: string | null;
}

/** Ends a run whose models were not asked: nothing was spent, and people are told why nothing is said. */
export async function giveUp(
  deps: PullReviewsDeps,
  collected: CollectedPull,
  { why, handover }: GivenUp,
): Promise<{ readonly kind: "skipped"; readonly why: string }> {
  const { host, policy } = deps;
  const { pull, state } = collected;
  const { run } = await withCheck(deps, collected);
  const said = safeLine(why, { maxChars: 500 });
  const report = {
    headSha: pull.head.sha,
    name: reviewCheck,
    conclusion: policy.required ? "failure" : "neutral",
    title: "Not reviewed",
    summary: said,
    text: "",
    annotations: [],
    externalId: run?.id ?? null,
    detailsUrl: null,
  } as const;
  await host.checks.report(report, run?.check ?? null);
  const settled = run === null ? state : withoutRun(await stateNow(deps, collected), run.id, 0);
  const text = `## Skein review\n\nNot reviewed: ${said}\n`;
  await keepState(deps, collected, { state: withHandover(settled, handover), text });
  return { kind: "skipped", why };
}

/** The check of a run that another process began is found again by the run's name. */
export async function withCheck(
  { host }: PullReviewsDeps,
  collected: CollectedPull,
): Promise<CollectedPull> {
  const { run, pull } = collected;
  if (run === null || run.check !== null) {
    return collected;
  }
  const checks = await host.checks.list(pull.head.sha, reviewCheck);
  const check = checks.find(({ externalId }) => externalId === run.id) ?? null;
  return { ...collected, run: { ...run, check } };
}
