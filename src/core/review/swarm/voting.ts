import { votePrompt, voteSchema, voteTemperature, voteTokens } from "../prompts/vote.ts";
import type { Exhibit } from "../prompts/vote.ts";
import { readVotes } from "../replies/votes.ts";
import type { Seat } from "../seat.ts";
import { callModel } from "./call.ts";
import type { CallFailure, CallRecord } from "./call.ts";
import type { ClusterVote, SwarmDeps, SwarmRequest } from "./request.ts";

/** What one seat thinks of the others' candidates. */
export interface SeatBallot {
  /** With the model that answered. */
  readonly seat: Seat;
  readonly votes: readonly ClusterVote[];
  readonly call: CallRecord<unknown>;
  readonly failure: CallFailure | null;
}

/** Asks one seat, in one call, to refute and vote. A reply that cannot be read casts no vote. */
export async function voteSeat(
  deps: SwarmDeps,
  request: Pick<SwarmRequest, "run" | "seed" | "limits" | "signal">,
  { seat, exhibits }: { readonly seat: Seat; readonly exhibits: readonly Exhibit[] },
): Promise<SeatBallot> {
  const tokensEach = request.limits.ballotTokens;
  const call = await callModel(deps, {
    model: seat.model,
    messages: votePrompt({ seed: request.seed, seat, exhibits, tokensEach }),
    schema: voteSchema,
    maxOutputTokens: voteTokens(exhibits.length, tokensEach),
    temperature: voteTemperature,
    signal: request.signal,
    tag: { run: request.run, seat: String(seat.number), phase: "vote", occurrence: 1 },
  });
  const { generation } = call;
  if (generation === null) {
    return { seat, votes: [], call, failure: call.failure };
  }
  const { model } = generation;
  const asked = new Set(exhibits.map(({ cluster }) => cluster.id));
  const reply = readVotes(generation, asked);
  const reason = `The reply of ${model.name} holds no list of votes.`;
  return {
    seat: model.name === seat.model.name ? seat : { ...seat, model, weight: model.weight },
    votes: reply.votes.map((vote) => ({ ...vote, seat: seat.number })),
    call,
    failure: reply.isReadable ? null : { fault: "bad_reply", reason },
  };
}
