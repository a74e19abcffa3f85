import type { MicroUsd } from "../../base/ids.ts";
import type { PlanSource } from "../../planner/index.ts";
import { begunComment } from "../comment.ts";
import type { DecompositionDeps } from "../deps.ts";
import { readKept, shownText, withState, writeKept } from "../keeping.ts";
import { sourceHash, sourceOf } from "../preview.ts";
import { withRun } from "../runs.ts";
import { unplanned } from "./counting.ts";
import { needIssue } from "./propose.ts";

export interface BeginRequest {
  readonly issue: number;
  /** Names the run, until `propose` settles it. */
  readonly run: string;
  /** The most that it may cost. */
  readonly microUsd: MicroUsd;
  /** True for what is planned without a model. */
  readonly isFree: (source: PlanSource) => boolean;
}

/**
 * Sets a planning's money aside in our comment, where the next run sees it, before anything is spent. False: nothing was, since it costs nothing or the
 * parts of the issue are there.
 */
export async function begin(
  deps: DecompositionDeps,
  { issue: number, run, microUsd, isFree }: BeginRequest,
): Promise<boolean> {
  const kept = await readKept(deps, number);
  const issue = await needIssue(deps, number);
  if (kept.state?.phase === "created" || isFree(sourceOf(issue))) {
    return false;
  }
  const hash = sourceHash(issue);
  const { comment } = kept;
  const before = kept.state ?? unplanned({ hash, source: hash, base: null });
  const text = comment === null ? begunComment(microUsd) : shownText(comment);
  const state = withRun(before, { id: run, microUsd });
  const body = withState(deps, number, { text, state });
  await writeKept(deps, { issue: number, comment, body });
  return true;
}
