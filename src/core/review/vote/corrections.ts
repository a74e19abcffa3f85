import type { Ballot, Correction } from "../ballot.ts";
import type { Cluster, Place } from "../candidate.ts";
import type { Anchor } from "../diff/anchor.ts";
import type { Original } from "../finding.ts";
import { textLikeness, wordsOf } from "./likeness.ts";
import { isNear } from "./pool.ts";
import { proposedSeverity, votedSeverity } from "./severity.ts";

export interface CorrectionRequest {
  readonly cluster: Cluster;
  readonly ballots: readonly Ballot[];
  /** Of a seat in this matter, in thousandths. */
  readonly weightOf: (seat: number) => number;
  /** Where the cluster is shown without corrections. */
  readonly anchor: Anchor;
  /** Where the code is that a seat quotes in its correction; null where it quotes none. */
  readonly anchorOf: (seat: number) => Anchor | null;
}

/** What a finding says after its voters' corrections. */
export type Corrected = Pick<Original, "severity" | "title" | "quoted"> & {
  readonly anchor: Anchor;
  /** What it said before; undefined where nothing was corrected. */
  readonly original: Original | undefined;
};

/** What two titles must have in common to speak of one fault, in thousandths. */
const leastAlike = 250;

/**
 * Applies what confirming voters would say otherwise. Only code decides, by what is in the diff:
 *
 * - severity: the middle of all voices (`votedSeverity`);
 * - place: the code that a corrector quotes must stand in the diff, in the same file; within 5 lines of the first place, or where that one
 *   could not be found, one seat is enough; farther away two seats must name places within 5 lines of each other;
 * - title: its corrector's quoted code stands in the diff (or it quotes none, and the proposer's does), and it speaks of the same fault by
 *   its words.
 *
 * Of several the weightiest seat's counts, of equal ones the lowest's. Identity, proposers and votes stay what they were.
 */
export function applyCorrections(request: CorrectionRequest): Corrected {
  const { cluster, ballots, anchor } = request;
  const { claim } = cluster.primary;
  const severity = votedSeverity(cluster, ballots);
  const said = correctionsBy(request);
  const place = placeOf(request, said);
  const title = titleOf(request, said) ?? claim.title;
  const [quoted, shown] = [place?.quoted ?? claim.quoted, place?.anchor ?? anchor];
  const before = {
    severity: proposedSeverity(cluster),
    title: claim.title,
    quoted: claim.quoted,
    line: anchor.line,
    endLine: anchor.endLine,
  };
  const isSame =
    severity === before.severity &&
    title === before.title &&
    quoted === before.quoted &&
    isSamePlace(shown, anchor);
  return { severity, title, quoted, anchor: shown, original: isSame ? undefined : before };
}

interface Said {
  readonly seat: number;
  readonly correction: Correction;
  /** Null: it quotes nothing. */
  readonly anchor: Anchor | null;
}

/** Those that confirm, the weightiest first. */
function correctionsBy({ ballots, weightOf, anchorOf }: CorrectionRequest): readonly Said[] {
  return ballots
    .flatMap(({ seat, vote, correction }) =>
      vote === "confirm" && correction !== undefined
        ? [{ seat, correction, anchor: correction.quoted === null ? null : anchorOf(seat) }]
        : [],
    )
    .toSorted((a, b) => weightOf(b.seat) - weightOf(a.seat) || a.seat - b.seat);
}

function placeOf(
  { anchor: first }: CorrectionRequest,
  said: readonly Said[],
): { readonly anchor: Anchor; readonly quoted: string } | null {
  const found = said.flatMap(({ seat, correction, anchor }) =>
    isFound(anchor, first) && correction.quoted !== null
      ? [{ seat, anchor, quoted: correction.quoted }]
      : [],
  );
  const isBacked = (own: (typeof found)[number]): boolean =>
    found.some(({ seat, anchor }) => seat !== own.seat && isNear(anchor, own.anchor));
  return (
    found.find((own) => first.placement !== "line" || isNear(own.anchor, first) || isBacked(own)) ??
    null
  );
}

function titleOf(
  { cluster, anchor: first }: CorrectionRequest,
  said: readonly Said[],
): string | null {
  const { claim } = cluster.primary;
  const own = wordsOf(claim);
  const adopted = said.find(({ correction: { title, quoted }, anchor }) => {
    const isShown = quoted === null ? first.placement === "line" : isFound(anchor, first);
    const words = title === null ? null : wordsOf({ ...claim, title });
    return isShown && words !== null && textLikeness(own, titled(words)) >= leastAlike;
  });
  return adopted?.correction.title ?? null;
}

/** A title is compared by its own words alone. */
function titled(words: ReturnType<typeof wordsOf>): ReturnType<typeof wordsOf> {
  return { ...words, all: words.title };
}

/** True when the quoted code stands in the diff, in the file of the finding. */
function isFound(anchor: Anchor | null, first: Anchor): anchor is Anchor {
  return anchor?.placement === "line" && anchor.path === first.path;
}

function isSamePlace(a: Place, b: Place): boolean {
  return a.line === b.line && a.endLine === b.endLine && a.path === b.path;
}
