/** How far a swarm may go (requirement A3). What a reasoning model may think comes on top of either number of tokens. */
export interface SwarmLimits {
  /** What a seat may answer with when it reads one pack, in tokens. */
  readonly generateTokens: number;
  /** What a seat may answer with when it votes: that many tokens for each candidate on its ballot, and as many for each correction. */
  readonly ballotTokens: number;
  /** More candidates are not put to the vote; those beyond are named. */
  readonly candidates: number;
}

/** Where nobody says otherwise. */
export const usualLimits: SwarmLimits = { generateTokens: 1_500, ballotTokens: 60, candidates: 20 };
