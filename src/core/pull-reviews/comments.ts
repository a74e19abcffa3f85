import { codeSpan } from "../base/safe-markdown.ts";
import type { MarkerOptions, NewReviewComment, ReviewAnchor } from "../hosting/index.ts";
import { findingMarkdown, severities } from "../review/index.ts";
import type { Finding } from "../review/index.ts";
import { mostComments } from "./policy.ts";
import type { ReviewPolicy } from "./policy.ts";

/** A finding, and where the diff can show it. */
export interface AnchoredFinding {
  readonly finding: Finding;
  /** Null: only the summary can. */
  readonly anchor: ReviewAnchor | null;
  /** Code that applies cleanly at the anchor; null: none. */
  readonly suggestion?: string | null | undefined;
}

/** Which findings become comments, and which are only in the summary. */
export interface CommentPlan {
  readonly comments: readonly AnchoredFinding[];
  readonly demoted: readonly Demoted[];
}

export interface Demoted {
  readonly finding: Finding;
  /** Why it has no comment of its own, in words that follow "not commented: ". */
  readonly why: string;
}

/**
 * Parts findings into comments and the rest: the worst first, each once in the life of the pull request, never more than allowed. One that
 * stands in a thread already keeps that thread.
 */
export function planComments(
  findings: readonly AnchoredFinding[],
  policy: Pick<ReviewPolicy, "maxComments" | "severityFloor">,
  shown: ReadonlySet<string>,
): CommentPlan {
  const room = Math.min(policy.maxComments, mostComments);
  const comments: AnchoredFinding[] = [];
  const demoted: Demoted[] = [];
  for (const each of findings.toSorted(bySeverity)) {
    const onFiles = comments.filter(({ anchor }) => anchor?.kind === "file").length;
    const isFull = each.anchor?.kind === "file" && onFiles >= mostOnFiles;
    const hasRoom = comments.length < room && !isFull;
    const why = whyDemoted(each, policy, shown) ?? (hasRoom ? null : tooMany);
    if (why === null) {
      comments.push(each);
    } else {
      demoted.push({ finding: each.finding, why });
    }
  }
  return { comments, demoted };
}

/** The host takes comments on whole files one by one, each a call. */
const mostOnFiles = 3;

const tooMany = "the most comments of one review are made";

function whyDemoted(
  { finding, anchor }: AnchoredFinding,
  { severityFloor }: Pick<ReviewPolicy, "severityFloor">,
  shown: ReadonlySet<string>,
): string | null {
  if (shown.has(shortPrint(finding.fingerprint))) {
    return "it has a thread already";
  }
  if (severities.indexOf(finding.severity) > severities.indexOf(severityFloor)) {
    return `it is milder than ${severityFloor}`;
  }
  return anchor === null ? "the diff does not show its place" : null;
}

/** The worst first. */
export function bySeverity(one: AnchoredFinding, other: AnchoredFinding): number {
  return severities.indexOf(one.finding.severity) - severities.indexOf(other.finding.severity);
}

/** Where marks of threads stand, and what signs them. */
export type MarkOptions = Pick<MarkerOptions, "sign" | "subject">;

/** A comment's text, with the mark by which its thread is known again. */
export function commentOf(
  anchored: AnchoredFinding,
  options: MarkOptions,
): NewReviewComment | null {
  const { anchor } = anchored;
  return anchor === null ? null : { anchor, body: commentBody(anchored, options) };
}

/** The host offers a block of this name to be taken over as it stands. */
function suggestionLines(suggestion: string | null): readonly string[] {
  return suggestion === null ? [] : ["```suggestion", suggestion, "```", ""];
}

function commentBody(
  { finding, suggestion = null }: AnchoredFinding,
  options: MarkOptions,
): string {
  return [
    findingMarkdown(finding).trimEnd(),
    "",
    ...suggestionLines(suggestion),
    `Skein finding ${codeSpan(markOf(shortPrint(finding.fingerprint), options), 64)}. ` +
      "Resolve the thread to decline it: it stays silent until these lines change.",
  ].join("\n");
}

/** The first 16 digits of the fingerprint and, with a key, a signature that holds in this conversation alone. */
function markOf(print: string, { sign, subject }: MarkOptions): string {
  return sign === null
    ? print
    : `${print}-${sign(`skein:finding:v1 ${subject} ${print}`).slice(0, signatureChars)}`;
}

/** 132 bits. */
const signatureChars = 22;

const mark = /^Skein finding `(([0-9a-f]{16})(?:-[\w-]{22})?)`\./gmu;

/**
 * The finding that a comment of ours is about, by the first 16 digits of its fingerprint; null when it names none. The last mark is ours: code that
 * a model suggests stands before it, as it is, and may look like one. With a key other programs of the same account name none, whatever they repeat.
 */
export function printOf(body: string, options: MarkOptions): string | null {
  const [, found = "", print = ""] = [...body.matchAll(mark)].at(-1) ?? [];
  const isOurs = options.sign === null || found === markOf(print, options);
  return print !== "" && isOurs ? print : null;
}

/** Enough of a fingerprint to know a finding of one pull request. */
export function shortPrint(fingerprint: string): string {
  return fingerprint.slice(0, 16);
}
