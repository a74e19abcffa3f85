import { cleanLine, cleanText } from "../../base/text.ts";
import { categories } from "../candidate.ts";
import type { Severity } from "../candidate.ts";
import { isInside } from "../diff/names.ts";
import type { Finding, FindingState } from "../finding.ts";
import type { ReviewResult } from "../review.ts";
import type { SarifLog, SarifResult } from "./sarif-log.ts";

const levels: Readonly<Record<Severity, SarifResult["level"]>> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "note",
};

const baselines: Readonly<Record<FindingState, SarifResult["baselineState"]>> = {
  new: "new",
  open: "unchanged",
  fixed: "absent",
  declined: "unchanged",
};

/** Readers keep no more results of one run. */
const maxResults = 5_000;

export interface SarifOptions {
  /** Skein's own version. */
  readonly version: string;
}

/**
 * Writes the findings as a SARIF 2.1.0 log: a rule for each category, a result for each finding, known again over runs by
 * `partialFingerprints`. What is unconfirmed is left out. A finding without a file of the repository has no location.
 */
export function sarifOf(result: ReviewResult, { version }: SarifOptions): SarifLog {
  return {
    $schema:
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "Skein",
            semanticVersion: version,
            rules: categories.map((category) => ({
              id: ruleOf(category),
              shortDescription: { text: `A reviewer's finding: ${category}.` },
            })),
          },
        },
        invocations: [
          {
            executionSuccessful: result.verdict !== "incomplete",
            toolExecutionNotifications: result.notes.map((note) => ({
              level: "note",
              message: { text: cleanLine(note, 1_000) },
            })),
          },
        ],
        columnKind: "utf16CodeUnits",
        results: result.findings.slice(0, maxResults).map(resultOf),
        properties: { verdict: result.verdict, effectiveRule: result.effectiveRule },
      },
    ],
  };
}

function resultOf(finding: Finding): SarifResult {
  const { category, severity, title, body, fingerprint } = finding;
  return {
    ruleId: ruleOf(category),
    ruleIndex: categories.indexOf(category),
    level: levels[severity],
    baselineState: baselines[finding.state],
    message: { text: `${cleanLine(title, 300)}\n\n${cleanText(body, 4_000)}`.trim() },
    locations: locationsOf(finding),
    relatedLocations: finding.places.filter(({ path }) => isInside(path)).map(placeOf),
    partialFingerprints: { "skeinFinding/v1": fingerprint },
    properties: {
      severity,
      decision: finding.decision,
      support: finding.support === null ? null : finding.support / 10,
      verify: finding.verify?.vote ?? null,
    },
  };
}

function locationsOf(finding: Finding): SarifResult["locations"] {
  if (!isInside(finding.path) || finding.placement === "summary") {
    return [];
  }
  return finding.placement === "line"
    ? [placeOf(finding)]
    : [{ physicalLocation: { artifactLocation: artifactOf(finding.path) } }];
}

function placeOf({
  path,
  line,
  endLine,
}: Pick<Finding, "path" | "line" | "endLine">): SarifResult["locations"][number] {
  const startLine = Math.max(1, line);
  return {
    physicalLocation: {
      artifactLocation: artifactOf(path),
      region: { startLine, endLine: Math.max(startLine, endLine) },
    },
  };
}

/** A relative reference: each segment is encoded, so that `a:b` or `?` in a name is no scheme and no query. */
function artifactOf(path: string): { readonly uri: string } {
  const segments = path
    .split("/")
    .map((segment) => encodeURIComponent(segment.replaceAll(/\p{Cs}/gu, "\u{FFFD}")));
  return { uri: segments.join("/") };
}

function ruleOf(category: Finding["category"]): string {
  return `skein/${category}`;
}
