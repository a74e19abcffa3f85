import { writeMarker } from "../hosting/index.ts";
import type { Annotation, CheckReport, Conclusion, PullRequest } from "../hosting/index.ts";
import type { MicroUsd } from "../base/ids.ts";
import type { Finding } from "../review/index.ts";
import { annotationsOf } from "./annotations.ts";
import { markerOptions, stateNow } from "./collecting.ts";
import type { CollectedPull } from "./collecting.ts";
import { commentOf, planComments, shortPrint } from "./comments.ts";
import type { AnchoredFinding, CommentPlan } from "./comments.ts";
import { conclusionOf } from "./conclusion.ts";
import { reviewCheck } from "./deps.ts";
import type { PullReviewsDeps } from "./deps.ts";
import type { Published } from "./publication.ts";
import { fitted, keptOf, spentOf, withHandover, withoutRun, withReview } from "./state.ts";
import type { PullState } from "./state.ts";
import { summaryOf } from "./summary.ts";
import { threadsToResolve } from "./threads.ts";

/** What was published. */
export type PublishOutcome =
  | {
      readonly kind: "published";
      readonly conclusion: Conclusion;
      readonly comments: number;
      /** What the check says on lines, the worst first. */
      readonly annotations: readonly Annotation[];
      readonly spent: MicroUsd;
    }
  /** The head moved on meanwhile: nothing is said of the old one, and what it cost is kept. */
  | { readonly kind: "superseded"; readonly spent: MicroUsd };

export interface PublishRequest {
  readonly collected: CollectedPull;
  readonly published: Published;
  /** As `PullReviews.publish` has it. */
  readonly handover: string | null;
}

/** So many threads are closed in one run; the rest in the next. */
const mostResolved = 20;

/**
 * Publishes a review: one review with its comments, the check, the summary with the state. In this order, so that a run that dies between two
 * of them is made good by the next: comments are known again by their marks, and money that was not settled counts in full. The state is last:
 * a head that it calls reviewed is not looked at again, so that its check must have ended.
 */
export async function publishReview(
  deps: PullReviewsDeps,
  request: PublishRequest,
): Promise<PublishOutcome> {
  const { collected, published } = request;
  const { number, head } = collected.pull;
  const now = await deps.host.pulls.get(number);
  const cost = published.result.cost.microUsd;
  if (now?.isOpen !== true) {
    return supersede(deps, request, closedMeanwhile);
  }
  if (!isAbout(now, published) || now.head.sha !== head.sha) {
    return supersede(deps, request, movedOn);
  }
  const plan = await publishComments(deps, request, commentPlanOf(deps, request));
  await closeThreads(deps, request);
  const state = reviewedState(await settledState(deps, request), request);
  const summary = summaryOf({
    result: published.result,
    commented: plan.comments.length,
    demoted: plan.demoted,
    declined: published.declined.length,
    mode: published.mode,
    cost: { run: cost, total: spentOf(state), limit: deps.policy.pullRequestLimit },
  });
  const conclusion = conclusionOf(published.result, deps.policy);
  const annotations = notesOnLines(deps, request, plan);
  const title = titleOf(published);
  await reportCheck(deps, request, { conclusion, title, summary, annotations });
  await keepSummary(deps, collected, { state, text: summary });
  const comments = plan.comments.length;
  return { kind: "published", conclusion, comments, annotations, spent: spentOf(state) };
}

/** Where a thread has the words of a finding, the check points at it. */
function notesOnLines(
  { policy }: PullReviewsDeps,
  request: PublishRequest,
  { comments }: CommentPlan,
): readonly Annotation[] {
  const commented = new Set(policy.isDryRun ? [] : comments.map(({ finding }) => finding));
  const earlier = new Set(request.collected.threads.map(({ print }) => print));
  return annotationsOf(anchoredOf(request), {
    severityFloor: policy.severityFloor,
    hasThread: (finding) => commented.has(finding) || earlier.has(shortPrint(finding.fingerprint)),
  });
}

/** A verdict is of one head against one branch. That branch may have grown meanwhile: the state says how far it was. */
function isAbout(now: PullRequest, { result, base }: Published): boolean {
  return now.head.sha === result.head && now.base.branch === base.branch;
}

/** What the run has cost in place of what was set aside. Who has only just collected has nothing to look at again. */
async function settledState(deps: PullReviewsDeps, request: PublishRequest): Promise<PullState> {
  const { collected, published, handover } = request;
  const { run, state } = collected;
  const now = run === null ? state : await stateNow(deps, collected);
  return withHandover(withoutRun(now, run?.id ?? "", published.result.cost.microUsd), handover);
}

/** Why a review is not published. */
interface Superseded {
  readonly title: string;
  readonly why: string;
}

const movedOn: Superseded = {
  title: "The head moved on",
  why: "The head or its base moved on while it was reviewed: what is there now is up next.",
};

const closedMeanwhile: Superseded = {
  title: "The pull request was closed",
  why: "The pull request was closed while it was reviewed: nothing is said of it.",
};

async function supersede(
  deps: PullReviewsDeps,
  request: PublishRequest,
  { title, why }: Superseded,
): Promise<PublishOutcome> {
  const state = await settledState(deps, request);
  const text = `## Skein review\n\n${why}\n`;
  await keepState(deps, request.collected, { state, text });
  if (request.collected.run !== null) {
    const conclusion = "cancelled";
    await reportCheck(deps, request, { conclusion, title, summary: text, annotations: [] });
  }
  return { kind: "superseded", spent: spentOf(state) };
}

function commentPlanOf({ policy }: PullReviewsDeps, request: PublishRequest): CommentPlan {
  const shown = new Set(request.collected.threads.map(({ print }) => print));
  return planComments(anchoredOf(request), policy, shown);
}

function anchoredOf({ published }: PublishRequest): readonly AnchoredFinding[] {
  return published.result.findings.map((finding, index) => ({
    finding,
    anchor: published.anchors[index] ?? null,
    suggestion: published.suggestions[index] ?? null,
  }));
}

/** One review with all comments. What the host refuses is halved once; the half that it refuses again goes into the summary. */
async function publishComments(
  deps: PullReviewsDeps,
  request: PublishRequest,
  plan: CommentPlan,
): Promise<CommentPlan> {
  if (plan.comments.length === 0) {
    return plan;
  }
  const left = await post(deps, request, plan.comments);
  if (left.length < plan.comments.length || plan.comments.length === 1) {
    return without(plan, left);
  }
  const middle = Math.ceil(plan.comments.length / 2);
  const first = await post(deps, request, plan.comments.slice(0, middle));
  const second = await post(deps, request, plan.comments.slice(middle));
  return without(plan, [...first, ...second]);
}

function without(plan: CommentPlan, left: readonly AnchoredFinding[]): CommentPlan {
  const why = "the code host took no comment at its place";
  return {
    comments: plan.comments.filter((each) => !left.includes(each)),
    demoted: [...left.map(({ finding }) => ({ finding, why })), ...plan.demoted],
  };
}

/** Posts one review, and gives the findings that have no comment after it. */
async function post(
  deps: PullReviewsDeps,
  { collected }: PublishRequest,
  findings: readonly AnchoredFinding[],
): Promise<readonly AnchoredFinding[]> {
  const { number, head } = collected.pull;
  const options = markerOptions(deps, number);
  const written = findings.map((each) => ({ each, comment: commentOf(each, options) }));
  const comments = written.flatMap(({ comment }) => (comment === null ? [] : [comment]));
  const outcome = await deps.host.pulls.publishReview(number, {
    headSha: head.sha,
    body: "",
    comments,
  });
  return outcome.kind === "refused"
    ? findings
    : written
        .filter(({ comment }) => comment === null || outcome.left.includes(comment))
        .map(({ each }) => each);
}

/** A token that may not close one thread may close none: then only what was really mended is told. */
async function closeThreads({ host }: PullReviewsDeps, request: PublishRequest): Promise<void> {
  const { collected, published } = request;
  const fixed = prints(published.result.fixed);
  const over = threadsToResolve(collected.threads, {
    live: prints(published.result.findings),
    fixed,
    self: collected.self,
  });
  const { number, head } = collected.pull;
  let mayResolve = true;
  for (const { thread, print } of over.slice(0, mostResolved)) {
    const [first] = thread.comments;
    mayResolve &&= (await host.pulls.resolveThread(thread.id)) === "resolved";
    if (!mayResolve && fixed.has(print) && first !== undefined) {
      // Its own words make the thread one that somebody wrote in, so that this is said once.
      await host.pulls.reply(number, first.id, `Mended in \`${head.sha.slice(0, 12)}\`.`);
    }
  }
}

function prints(findings: readonly Finding[]): ReadonlySet<string> {
  return new Set(findings.map(({ fingerprint }) => shortPrint(fingerprint)));
}

function reviewedState(state: PullState, { collected, published }: PublishRequest): PullState {
  const { head } = collected.pull;
  const { base } = published;
  // Checks are made anew each time.
  const live = published.result.findings.filter(({ decision }) => decision !== "check");
  const findings = [...live.map(keptOf), ...published.declined];
  const isWhole = published.result.verdict !== "incomplete";
  return isWhole
    ? withReview(state, { base: base.sha, into: base.branch, head: head.sha, findings })
    : { ...state, findings };
}

/** With a sticky summary the one comment is written again, of which nobody is told; without, each review adds one. */
async function keepSummary(
  deps: PullReviewsDeps,
  collected: CollectedPull,
  { state, text }: { readonly state: PullState; readonly text: string },
): Promise<void> {
  if (deps.policy.sticky) {
    await keepState(deps, collected, { state, text });
    return;
  }
  await deps.host.issues.comment(collected.pull.number, text);
  await keepState(deps, collected, {
    state,
    text: "Skein keeps what it knows of this pull request here.\n",
  });
}

/** Writes our one comment: what people read, then the state. */
export async function keepState(
  deps: PullReviewsDeps,
  { pull, comment }: Pick<CollectedPull, "pull" | "comment">,
  { state, text }: { readonly state: PullState; readonly text: string },
): Promise<CollectedPull["comment"]> {
  const options = markerOptions(deps, pull.number);
  const body = `${text}\n${writeMarker(fitted(state, options), options)}`;
  return comment === null
    ? deps.host.issues.comment(pull.number, body)
    : deps.host.issues.editComment(comment.id, body);
}

async function reportCheck(
  { host }: PullReviewsDeps,
  { collected, published }: PublishRequest,
  shown: Pick<CheckReport, "annotations" | "conclusion" | "summary" | "title">,
): Promise<void> {
  await host.checks.report(
    {
      headSha: collected.pull.head.sha,
      name: reviewCheck,
      ...shown,
      text: "",
      externalId: published.result.id,
      detailsUrl: null,
    },
    collected.run?.check ?? null,
  );
}

function titleOf({ result }: Published): string {
  const count = result.findings.length;
  const found = count === 0 ? "No findings" : `${String(count)} finding${count === 1 ? "" : "s"}`;
  return result.verdict === "incomplete" ? `Incomplete: ${found.toLowerCase()}` : found;
}
