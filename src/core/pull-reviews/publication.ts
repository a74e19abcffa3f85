import { z } from "zod";

import { SkeinError } from "../base/errors.ts";
import type { ReviewAnchor } from "../hosting/index.ts";
import { isInside, parseReport, reportOf, reportSchema } from "../review/index.ts";
import type { ChangedFile, ReviewReport, ReviewResult } from "../review/index.ts";
import { anchorOf } from "./anchors.ts";
import { pullReviewErrors } from "./errors.ts";
import { fingerprintSchema, keptOf, keptSchema } from "./state.ts";
import { isSafeSuggestion, suggestionFor } from "./suggestion.ts";
import type { KeptFinding } from "./state.ts";

const path = z.string().refine(isInside);
const line = z.int().min(1);

const anchor = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("line"),
    path,
    side: z.enum(["old", "new"]),
    line,
    startLine: line.nullable(),
  }),
  z.strictObject({ kind: z.literal("file"), path }),
]);

/** More than a review can cost, in US dollars; sums of it stay exact. */
const mostUsd = 1_000_000;

/** What is kept of a report has to be read again: a state that cannot be would forget what was spent. */
function isKeepable({ cost, findings, unconfirmed, fixed }: ReviewReport): boolean {
  return (
    cost.usd <= mostUsd &&
    [findings, unconfirmed, fixed].every((list) =>
      list.every(({ fingerprint }) => fingerprintSchema.safeParse(fingerprint).success),
    )
  );
}

const schema = z.strictObject({
  version: z.literal(1),
  mode: z.enum(["full", "incremental"]),
  /** What the head was compared with. */
  base: z.strictObject({
    branch: z.string().max(255),
    sha: z.string().regex(/^[0-9a-f]{40,64}$/u),
  }),
  report: reportSchema.refine(isKeepable),
  /** One for each finding of the report, in its order. */
  anchors: z.array(anchor.nullable()).max(1_000),
  /** Code that a person may take over, for each finding in the same order. */
  suggestions: z.array(z.string().refine(isSafeSuggestion).nullable()).max(1_000),
  /** What was declined before and is silent. */
  declined: z.array(keptSchema).max(500),
});

/** A review as it goes from who may ask models to who may write on the code host: data without one word of Markdown. */
export type Publication = z.infer<typeof schema>;

/** A review that was made, and the diff that it is about. */
export interface ReviewedPull {
  readonly result: ReviewResult;
  /** All files of the pull request's change. */
  readonly files: readonly ChangedFile[];
  readonly mode: "full" | "incremental";
}

export function publicationOf(
  { result, files, mode }: ReviewedPull,
  base: Publication["base"],
): Publication {
  const anchors = result.findings.map((finding) => anchorOf(finding, files));
  return {
    version: 1,
    mode,
    base,
    report: reportOf(result),
    anchors,
    suggestions: result.findings.map((finding, index) =>
      suggestionFor(finding, anchors[index] ?? null, files),
    ),
    declined: result.declined.slice(0, 500).map(keptOf),
  };
}

/** A publication that was read back. */
export interface Published {
  readonly publication: Publication;
  readonly result: ReviewResult;
  readonly anchors: readonly (ReviewAnchor | null)[];
  readonly suggestions: readonly (string | null)[];
  readonly mode: Publication["mode"];
  readonly base: Publication["base"];
  readonly declined: readonly KeptFinding[];
}

/**
 * Reads a publication that another process made; nothing in it is believed but its shape.
 *
 * @throws {SkeinError} SKN-1671
 */
export function parsePublication(value: unknown): Published {
  const parsed = schema.safeParse(value);
  const result = parsed.success ? parseReport(parsed.data.report) : null;
  const count = result?.findings.length ?? 0;
  const lists = parsed.success ? [parsed.data.anchors, parsed.data.suggestions] : [];
  if (!parsed.success || result === null || lists.some(({ length }) => length !== count)) {
    throw new SkeinError(pullReviewErrors.badPublication, {
      facts: { issues: parsed.error?.issues.slice(0, 5).map(({ path: at }) => at.join(".")) ?? [] },
    });
  }
  const { anchors, suggestions, mode, base, declined } = parsed.data;
  return { publication: parsed.data, result, anchors, suggestions, mode, base, declined };
}
