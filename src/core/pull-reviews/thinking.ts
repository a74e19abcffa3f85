import { SkeinError } from "../base/errors.ts";
import type { CollectedPull } from "./collecting.ts";
import type { PullReviewsDeps } from "./deps.ts";
import { publicationOf } from "./publication.ts";
import type { Publication, ReviewedPull } from "./publication.ts";
import { besides, findingOf, spentOf } from "./state.ts";

/** What came of asking the models. */
export type Thought =
  | { readonly kind: "thought"; readonly publication: Publication }
  /** It failed before a model was asked, and cost nothing. `why` has our words alone: those of `error` may quote others. */
  | { readonly kind: "unasked"; readonly error: SkeinError; readonly why: string };

/** Between two phases the head is looked at again: for one that has moved no more is spent. It was looked at just before the first. */
export async function think(
  deps: PullReviewsDeps,
  collected: CollectedPull,
  signal: AbortSignal,
): Promise<Thought> {
  const { pull } = collected;
  const moved = new AbortController();
  let phases = 0;
  const onPhase = async (): Promise<void> => {
    phases += 1;
    if (phases > 1) {
      await abortWhenMoved(deps, pull, moved);
    }
  };
  try {
    const either = AbortSignal.any([signal, moved.signal]);
    const reviewed = await review(deps, collected, { signal: either, onPhase });
    const base = { branch: pull.base.branch, sha: pull.base.sha };
    return { kind: "thought", publication: publicationOf(reviewed, base) };
  } catch (error) {
    if (phases > 0 || !(error instanceof SkeinError)) {
      throw error;
    }
    return { kind: "unasked", error, why: `${error.code}: ${error.why} ${error.fix}` };
  }
}

async function review(
  deps: PullReviewsDeps,
  { pull, state, decision, run }: CollectedPull,
  { signal, onPhase }: { readonly signal: AbortSignal; readonly onPhase: () => Promise<void> },
): Promise<ReviewedPull> {
  const isReview = decision.kind === "review";
  return deps.review({
    pull,
    isFull: isReview && decision.isFull,
    preset: isReview ? decision.preset : null,
    lastReviewed: state.reviewed.at(-1) ?? null,
    previous: state.findings.map(findingOf),
    // Without the run that is about to spend what it set aside.
    spentBefore: spentOf(besides(state, run?.id ?? null)),
    signal,
    onPhase,
  });
}

/** What cannot be seen now is looked at before anything is published. */
async function abortWhenMoved(
  { host }: PullReviewsDeps,
  pull: CollectedPull["pull"],
  moved: AbortController,
): Promise<void> {
  try {
    const now = await host.pulls.get(pull.number);
    if (now?.head.sha !== pull.head.sha) {
      moved.abort();
    }
  } catch {
    // A look costs nothing and is worth nothing when it fails.
  }
}
