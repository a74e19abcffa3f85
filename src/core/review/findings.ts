import { severities } from "./candidate.ts";
import type { Cluster, Severity } from "./candidate.ts";
import type { ChangedFile } from "./change.ts";
import { anchorClaim } from "./diff/anchor.ts";
import type { Anchor } from "./diff/anchor.ts";
import { distinctFingerprints, fingerprintOf } from "./diff/fingerprint.ts";
import type { Decision, Finding } from "./finding.ts";
import type { Verdict } from "./review.ts";
import type { Seat } from "./seat.ts";
import type { SwarmOutcome } from "./swarm/request.ts";
import { proposersOf } from "./vote/pool.ts";
import { tally } from "./vote/tally.ts";
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

/** Places by cluster. They are kept with the ballots, so that a review can be tallied again without its diff. */
export type Anchors = Readonly<Record<string, Anchor>>;

/** Finds the place of each cluster in the change. */
export function anchorsOf(clusters: readonly Cluster[], files: readonly ChangedFile[]): Anchors {
  return Object.fromEntries(
    clusters.map(({ id, primary }) => [id, anchorClaim(primary.claim, files)]),
  );
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
 * What a review says: `incomplete` when too few seats finished; else `changes` when a finding that was voted through, or a check, is open and
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
  const severity = medianSeverity(cluster);
  const threshold = thresholdFor(thresholds, { severity, category: claim.category });
  const weights = panelWeights(outcome.seats, claim.category, records);
  const result = tally({
    cluster,
    seats: outcome.seats,
    proposers: outcome.proposers,
    votes: outcome.votes.filter((vote) => vote.cluster === cluster.id),
    threshold,
    mode: outcome.mode,
    weightOf: ({ number, weight }: Seat) => weights.get(number) ?? weight,
  });
  const { title, body, quoted, category } = claim;
  return {
    id: "",
    fingerprint: fingerprintOf(claim),
    ...(anchors[cluster.id] ?? anchorClaim(claim, [])),
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
  };
}

/** The middle of what its proposers say, of two the milder: none of them alone can lower the bar by crying wolf. */
function medianSeverity({ members }: Cluster): Severity {
  const bySeat = new Map(members.toReversed().map(({ seat, claim }) => [seat, claim.severity]));
  const ranks = [...bySeat.values()]
    .map((severity) => severities.indexOf(severity))
    .toSorted((a, b) => a - b);
  return severities[ranks[Math.floor(ranks.length / 2)] ?? 0] ?? "medium";
}
