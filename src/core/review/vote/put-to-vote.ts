import { severities } from "../candidate.ts";
import type { Cluster } from "../candidate.ts";
import { proposersOf } from "./pool.ts";

/** The worst first, of those what most seats found. */
export function rankClusters(clusters: readonly Cluster[]): readonly Cluster[] {
  return clusters.toSorted(
    (a, b) => severityRank(a) - severityRank(b) || proposersOf(b).length - proposersOf(a).length,
  );
}

function severityRank({ primary }: Cluster): number {
  return severities.indexOf(primary.claim.severity);
}

/**
 * Chooses what comes to the vote where not all has room. Every seat that found something has an equal share for its own worst; what is left goes to the
 * worst of all. So no seat can crowd out the others with much that it calls critical.
 *
 * @param ranked the worst first; what is chosen keeps this order.
 */
export function putToVote(ranked: readonly Cluster[], limit: number): readonly Cluster[] {
  if (ranked.length <= limit) {
    return ranked;
  }
  const seats = new Set(ranked.flatMap((cluster) => proposersOf(cluster)));
  const share = Math.floor(limit / Math.max(1, seats.size));
  const own = new Map<number, number>();
  const shared = new Set(
    ranked.filter((cluster) => {
      const finders = proposersOf(cluster);
      const isOwed = finders.some((seat) => (own.get(seat) ?? 0) < share);
      for (const seat of isOwed ? finders : []) {
        own.set(seat, (own.get(seat) ?? 0) + 1);
      }
      return isOwed;
    }),
  );
  const rest = ranked.filter((cluster) => !shared.has(cluster));
  const chosen = new Set([...shared, ...rest].slice(0, limit));
  return ranked.filter((cluster) => chosen.has(cluster));
}
