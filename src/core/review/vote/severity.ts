import { severities } from "../candidate.ts";
import type { Cluster, Severity } from "../candidate.ts";
import type { Ballot } from "../ballot.ts";

/** The middle of what its proposers say, of two the milder: none of them alone can lower the bar by crying wolf. */
export function proposedSeverity(cluster: Cluster): Severity {
  const ranks = [...proposedRanks(cluster).values()].toSorted((a, b) => a - b);
  return severityAt(ranks[Math.floor(ranks.length / 2)] ?? 0);
}

/**
 * The middle of what all say who hold the fault for real, one voice a seat: its proposers what they proposed, and those that confirm what they
 * were shown; a confirming seat that corrects, what it says then. Where the middle lies between two, the one nearer to what was shown. So one
 * corrector alone never moves what one proposer said, and without corrections nothing changes.
 */
export function votedSeverity(cluster: Cluster, ballots: readonly Ballot[]): Severity {
  const proposed = proposedSeverity(cluster);
  const said = new Map(proposedRanks(cluster));
  const shown = severities.indexOf(proposed);
  for (const { seat, vote, correction } of ballots) {
    const corrected = correction?.severity ?? null;
    if (vote === "confirm" && corrected !== null) {
      said.set(seat, severities.indexOf(corrected));
    } else if (vote === "confirm" && !said.has(seat)) {
      said.set(seat, shown);
    }
  }
  const ranks = [...said.values()].toSorted((a, b) => a - b);
  const low = ranks[Math.floor((ranks.length - 1) / 2)] ?? shown;
  const high = ranks[Math.floor(ranks.length / 2)] ?? shown;
  return severityAt(Math.min(Math.max(shown, low), high));
}

/** By seat; of two that one seat proposed, the first. */
function proposedRanks({ members }: Cluster): ReadonlyMap<number, number> {
  return new Map(
    members.toReversed().map(({ seat, claim }) => [seat, severities.indexOf(claim.severity)]),
  );
}

function severityAt(rank: number): Severity {
  return severities[rank] ?? "medium";
}
