import { safePlain } from "../base/safe-markdown.ts";
import { showHidden } from "../base/text.ts";
import type { Annotation } from "../hosting/index.ts";
import { severities, voteText } from "../review/index.ts";
import type { Finding } from "../review/index.ts";
import { bySeverity } from "./comments.ts";
import type { AnchoredFinding } from "./comments.ts";
import type { ReviewPolicy } from "./policy.ts";

/** So many go with the one request that the check costs in any case; the summary has the rest. */
const mostAnnotations = 50;

const levels = {
  critical: "failure",
  high: "failure",
  medium: "warning",
  low: "notice",
} as const;

export interface Annotating extends Pick<ReviewPolicy, "severityFloor"> {
  /** True for a finding that people read in a thread on the same lines. */
  readonly hasThread: (finding: Finding) => boolean;
}

/**
 * What the check says on lines of the head, the worst first: every finding that sits on one and is not milder than people asked for. A finding of a file
 * as a whole, of a place that the diff does not show or that is gone has none: any line would be the wrong one.
 */
export function annotationsOf(
  findings: readonly AnchoredFinding[],
  { severityFloor, hasThread }: Annotating,
): readonly Annotation[] {
  const floor = severities.indexOf(severityFloor);
  return findings
    .filter(({ finding }) => severities.indexOf(finding.severity) <= floor)
    .toSorted(bySeverity)
    .flatMap(({ finding, anchor }) => {
      const isHere = anchor?.kind === "line" && anchor.side === "new" && isPlainPath(anchor.path);
      return isHere
        ? [
            {
              path: anchor.path,
              line: anchor.startLine ?? anchor.line,
              endLine: anchor.line,
              level: levelOf(finding),
              title: titleOf(finding),
              message: hasThread(finding) ? pointerOf(finding) : messageOf(finding),
            },
          ]
        : [];
    })
    .slice(0, mostAnnotations);
}

/** A host may refuse all of a check for one path that it does not take. */
export function isPlainPath(path: string): boolean {
  return showHidden(path) === path && !path.includes("\t");
}

/** What asks for nothing is not shown as what fails. */
function levelOf({ severity, decision }: Finding): Annotation["level"] {
  const isAdvice = decision === "advisory" || decision === "single-family";
  return isAdvice && levels[severity] === "failure" ? "warning" : levels[severity];
}

function titleOf({ severity, category, title }: Finding): string {
  return `${severity} ${category}: ${safePlain(title.replaceAll(/\s+/gu, " "), 200)}`;
}

function pointerOf(finding: Finding): string {
  return `${voteText(finding)}. The thread on these lines says more.`;
}

function messageOf(finding: Finding): string {
  const body = safePlain(finding.body, 4_000);
  return body === "" ? voteText(finding) : `${body}\n\n${voteText(finding)}`;
}
