/** The two rounds of a swarm: each seat alone, then each on what the others found. */
export type SwarmPhase = "generate" | "vote";

/** What a swarm does, as it does it: shown as progress, never needed for the result. */
export type SwarmEvent =
  | { readonly kind: "phase_started"; readonly phase: SwarmPhase; readonly seats: number }
  | {
      readonly kind: "seat_answered";
      readonly phase: SwarmPhase;
      readonly seat: number;
      readonly model: string;
      /** Candidates, or votes. */
      readonly items: number;
    }
  | {
      readonly kind: "seat_failed";
      readonly phase: SwarmPhase;
      readonly seat: number;
      readonly model: string;
      readonly reason: string;
    }
  | { readonly kind: "pooled"; readonly candidates: number; readonly clusters: number };

/** Hears of progress; must not throw. */
export type OnSwarmEvent = (event: SwarmEvent) => void;
