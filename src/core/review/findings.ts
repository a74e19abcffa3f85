import { severities } from "./candidate.ts";
import type { Cluster } from "./candidate.ts";
import type { ChangedFile } from "./change.ts";
import { anchorClaim } from "./diff/anchor.ts";
import type { Anchor } from "./diff/anchor.ts";
import { distinctFingerprints, fingerprintOf } from "./diff/fingerprint.ts";
import type { Decision, Finding } from "./finding.ts";
import type { Verdict } from "./review.ts";
import type { Seat } from "./seat.ts";
import type { SwarmOutcome } from "./swarm/request.ts";
import { applyCorrections } from "./vote/corrections.ts";
import { proposersOf } from "./vote/pool.ts";
import { ballotsOf, tally } from "./vote/tally.ts";
import { thresholdFor } from "./vote/thresholds.ts";
import type { Thresholds } from "./vote/thresholds.ts";
import { panelWeights } from "./vote/weights.ts";
import type { TrackRecord } from "./vote/weights.ts";

export interface FindingsRequest {
  readonly outcome: Pick<SwarmOutcome, "clusters" | "votes" | "seats" | "proposers" | "mode">;
  readonly thresholds: Thresholds;
  /** What was learned of the models; empty: nothing. */
  readonly records: readonly TrackRecord[];
  /** Where each cluster is shown, by its id. */
  readonly anchors: Anchors;
}

/** Places by cluster, and by cluster and seat of a correction. They are kept with the ballots, so that a review can be tallied again without its diff. */
export type Anchors = Readonly<Record<string, Anchor>>;

/** Finds the place of each cluster in the change, and of the code that voters quote in their corrections. */
export function anchorsOf(
  { clusters, votes }: Pick<SwarmOutcome, "clusters" | "votes">,
  files: readonly ChangedFile[],
): Anchors {
  const claims = new Map(clusters.map(({ id, primary }) => [id, primary.claim]));
  const corrected = votes.flatMap(({ cluster, seat, correction }) => {
    const claim = claims.get(cluster);
    const quoted = correction?.quoted ?? null;
    if (claim === undefined || quoted === null) {
      return [];
    }
    const line = correction?.line ?? claim.line;
    const anchor = anchorClaim({ path: claim.path, line, endLine: line, quoted }, files);
    return [[correctionKey(cluster, seat), anchor] as const];
  });
  return Object.fromEntries([
    ...[...claims].map(([id, claim]) => [id, anchorClaim(claim, files)] as const),
    ...corrected,
  ]);
}

function correctionKey(cluster: string, seat: number): string {
  return `${cluster}#${String(seat)}`;
}

/** Tallies every cluster and makes it a finding, the worst first. Nothing is left out: what is rejected says so. */
export function findingsOf(request: FindingsRequest): readonly Finding[] {
  const findings = request.outcome.clusters.map((cluster) => findingOf(request, cluster));
  return numbered(distinctFingerprints(worstFirst(findings)));
}

/** Brings findings into the order in which they are shown. */
export function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted(
    (a, b) =>
      severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
      (b.support ?? -1) - (a.support ?? -1) ||
      (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1),
  );
}

/** Gives findings their ids, in order. */
export function numbered(findings: readonly Finding[]): readonly Finding[] {
  return findings.map((finding, index) => ({ ...finding, id: `F${String(index + 1)}` }));
}

const shown: ReadonlySet<Decision> = new Set(["published", "advisory", "single-family", "check"]);

/** True for what a review puts forward; the rest is shown folded. */
export function isShown({ decision }: Pick<Finding, "decision">): boolean {
  return shown.has(decision);
}

/**
 * What a review says: `incomplete` when too few seats finished or voted; else `changes` when a finding that was voted through, or a check, is open and
 * worse than low. Advisory and single-family findings never ask for changes.
 */
export function verdictOf(findings: readonly Finding[], isComplete: boolean): Verdict {
  if (!isComplete) {
    return "incomplete";
  }
  const asks = findings.some(
    ({ decision, severity, state }) =>
      (decision === "published" || decision === "check") &&
      severity !== "low" &&
      (state === "new" || state === "open"),
  );
  return asks ? "changes" : "pass";
}

function findingOf(
  { outcome, thresholds, records, anchors }: FindingsRequest,
  cluster: Cluster,
): Finding {
  const { claim } = cluster.primary;
  const { body, category } = claim;
  const weights = panelWeights(outcome.seats, category, records);
  const { seats, proposers, mode } = outcome;
  const votes = outcome.votes.filter((vote) => vote.cluster === cluster.id);
  const { severity, title, quoted, anchor, original } = applyCorrections({
    cluster,
    ballots: ballotsOf({ cluster, seats, proposers, votes }),
    weightOf: (seat) => weights.get(seat) ?? 0,
    anchor: anchors[cluster.id] ?? anchorClaim(claim, []),
    anchorOf: (seat) => anchors[correctionKey(cluster.id, seat)] ?? null,
  });
  const threshold = thresholdFor(thresholds, { severity, category });
  const weightOf = ({ number, weight }: Seat): number => weights.get(number) ?? weight;
  const result = tally({ cluster, seats, proposers, votes, threshold, mode, weightOf });
  return {
    id: "",
    fingerprint: fingerprintOf(claim),
    ...anchor,
    severity,
    category,
    title,
    body: claim.failingInput === null ? body : `${body}\nFails with: ${claim.failingInput}`,
    quoted,
    support: result.support,
    threshold,
    decision: result.decision,
    state: "new",
    ballots: result.ballots,
    proposers: proposersOf(cluster),
    places: cluster.places,
    ...(original === undefined ? {} : { original }),
    ...(claim.suggestion === undefined || quoted !== claim.quoted
      ? {}
      : { suggestion: claim.suggestion }),
  };
}
