import { cleanLine } from "../../base/text.ts";
import type { Correction, Vote } from "../ballot.ts";
import { readCorrections } from "./corrections.ts";
import { isRecord, listIn, salvageList } from "./salvage.ts";

/** One vote of a reply. */
export interface ReadVote {
  /** The cluster's id. */
  readonly cluster: string;
  readonly vote: Vote;
  readonly reason: string;
  /** Only beside a confirm. */
  readonly correction?: Correction | undefined;
}

/** What a seat's ballots came to. */
export interface VotesReply {
  /** At most one a cluster. What was asked and is not here was not answered. */
  readonly votes: readonly ReadVote[];
  /** Items that are no vote, or on a cluster that was not asked for. */
  readonly dropped: number;
  /** False when the reply holds no list of votes. */
  readonly isReadable: boolean;
}

const words: Readonly<Record<string, Vote>> = {
  confirm: "confirm",
  reject: "reject",
  abstain: "abstain",
  "cannot-tell": "abstain",
};

/**
 * Reads a reply to the vote prompt. Only the very words count: a vote that says anything else is none, and two votes on one cluster that
 * contradict each other are an abstention.
 *
 * @param object the reply as its provider parsed it, or null: then the text is read.
 */
export function readVotes(
  { text, object }: { readonly text: string; readonly object: unknown },
  asked: ReadonlySet<string>,
): VotesReply {
  const list = listIn(object, "votes");
  const { items, dropped, isReadable } =
    list === null ? salvageList(text, "votes") : { items: list, dropped: 0, isReadable: true };
  const read = items.map((item) => voteOf(item, asked));
  const found = read.filter((vote) => vote !== null);
  const votes = withCorrections(settled(found), readCorrections({ text, object }));
  return { votes, dropped: dropped + read.length - found.length, isReadable };
}

/** The first correction of each cluster goes to its vote, if that confirms. */
function withCorrections(
  votes: readonly ReadVote[],
  corrections: ReadonlyMap<string, Correction>,
): readonly ReadVote[] {
  return votes.map((vote) => {
    const correction = vote.vote === "confirm" ? corrections.get(vote.cluster) : undefined;
    return correction === undefined ? vote : { ...vote, correction };
  });
}

function voteOf(item: unknown, asked: ReadonlySet<string>): ReadVote | null {
  if (!isRecord(item) || typeof item["id"] !== "string" || typeof item["vote"] !== "string") {
    return null;
  }
  const cluster = item["id"].trim();
  const word = item["vote"]
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/gu, "-");
  const vote = Object.hasOwn(words, word) ? words[word] : undefined;
  if (vote === undefined || !asked.has(cluster)) {
    return null;
  }
  const reason = typeof item["reason"] === "string" ? cleanLine(item["reason"], 300) : "";
  return { cluster, vote, reason };
}

function settled(votes: readonly ReadVote[]): readonly ReadVote[] {
  const byCluster = new Map<string, ReadVote>();
  for (const vote of votes) {
    const before = byCluster.get(vote.cluster);
    const isContradiction = before !== undefined && before.vote !== vote.vote;
    byCluster.set(
      vote.cluster,
      isContradiction
        ? { ...vote, vote: "abstain", reason: "It voted both ways." }
        : (before ?? vote),
    );
  }
  return [...byCluster.values()];
}
