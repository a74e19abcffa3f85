import type { Candidate, Cluster, Place } from "../candidate.ts";
import { quotesMeet, textLikeness, titleLikeness, wordsOf } from "./likeness.ts";
import type { ClaimWords } from "./likeness.ts";

/** Lines between two places that still are one place. */
const nearLines = 5;
/** What two claims of one place must reach together to be one, in thousandths. */
const alike = 450;
/** Part of it that must come from their words. */
const leastText = 100;
const sameCategory = 200;
const sameQuote = 250;
/** A seat that speaks twice of one place mostly means two faults: its own claims must be nearly the same words. */
const sameSeat = 700;
/** Titles so alike, at so many places, are one problem. */
const sameTitle = 800;
const manyPlaces = 3;

interface Entry {
  readonly candidate: Candidate;
  readonly words: ClaimWords;
}

/**
 * Pools the candidates of all seats into clusters that say the same of the same place.
 *
 * Two belong together when they are near (one file, and overlapping, at most 5 lines apart, or of one symbol) and alike in what they say. The
 * category and a quoted line in common speak for it; neither is required, for models word and classify differently. Originals are kept. The
 * same problem at three places or more becomes one cluster with its places. The order of the candidates does not matter.
 */
export function poolCandidates(candidates: readonly Candidate[]): readonly Cluster[] {
  const groups: Entry[][] = [];
  for (const candidate of inOrder(candidates)) {
    const entry = { candidate, words: wordsOf(candidate.claim) };
    const home = bestHome(groups, entry);
    if (home === null) {
      groups.push([entry]);
    } else {
      home.push(entry);
    }
  }
  return joinPlaces(groups).map((group, index) => clusterOf(group, index + 1));
}

/** The seats that found a cluster, each once, the primary proposer first. */
export function proposersOf(cluster: Cluster): readonly number[] {
  return [...new Set(cluster.members.map(({ seat }) => seat))];
}

/** True when the places lie in one file and overlap or are at most 5 lines apart. */
export function isNear(a: Place, b: Place): boolean {
  return a.path === b.path && a.line - b.endLine <= nearLines && b.line - a.endLine <= nearLines;
}

function inOrder(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.toSorted((a, b) => a.seat - b.seat || numberOf(a) - numberOf(b));
}

function numberOf({ id }: Candidate): number {
  return Number(id.split(".")[1] ?? 0);
}

function bestHome(groups: readonly Entry[][], entry: Entry): Entry[] | null {
  let best: { readonly group: Entry[]; readonly score: number } | null = null;
  for (const group of groups) {
    const score = Math.max(...group.map((member) => pairScore(member, entry)));
    if (score >= alike && score > (best?.score ?? 0)) {
      best = { group, score };
    }
  }
  return best?.group ?? null;
}

/** From 0; `alike` and above belong together. */
function pairScore(a: Entry, b: Entry): number {
  const [one, other] = [a.candidate.claim, b.candidate.claim];
  const isOnePlace =
    isNear(one, other) ||
    (one.path === other.path && one.symbol !== null && one.symbol === other.symbol);
  if (!isOnePlace) {
    return 0;
  }
  const text = textLikeness(a.words, b.words);
  if (a.candidate.seat === b.candidate.seat) {
    return text >= sameSeat ? text : 0;
  }
  const known =
    (one.category === other.category ? sameCategory : 0) +
    (quotesMeet(a.words, b.words) ? sameQuote : 0);
  return text >= leastText ? text + known : 0;
}

/** Joins the groups that say the same at three places or more. */
function joinPlaces(groups: readonly Entry[][]): readonly (readonly Entry[])[] {
  const joined: Entry[][] = [];
  const taken = new Set<Entry[]>();
  for (const group of groups) {
    if (taken.has(group)) {
      continue;
    }
    const twins = groups.filter((other) => !taken.has(other) && isSameProblem(group, other));
    const family = twins.length >= manyPlaces ? twins : [group];
    for (const twin of family) {
      taken.add(twin);
    }
    joined.push(family.flat());
  }
  return joined;
}

function isSameProblem(a: readonly Entry[], b: readonly Entry[]): boolean {
  const [one, other] = [a[0], b[0]];
  if (a === b || one === undefined || other === undefined) {
    return a === b;
  }
  return (
    one.candidate.claim.category === other.candidate.claim.category &&
    titleLikeness(one.words, other.words) >= sameTitle
  );
}

function clusterOf(group: readonly Entry[], number: number): Cluster {
  const members = inOrder(group.map(({ candidate }) => candidate));
  const [primary] = members;
  if (primary === undefined) {
    throw new RangeError("A cluster has at least one candidate.");
  }
  const places = otherPlaces(
    members.map(({ claim }) => claim),
    primary.claim,
  );
  return { id: `c${String(number)}`, primary, members, places };
}

function otherPlaces(claims: readonly Place[], first: Place): readonly Place[] {
  const places: Place[] = [];
  for (const { path, line, endLine } of claims) {
    const place = { path, line, endLine };
    if (!isNear(place, first) && !places.some((known) => isNear(known, place))) {
      places.push(place);
    }
  }
  return places.length + 1 >= manyPlaces ? places : [];
}
