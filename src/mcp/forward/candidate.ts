import type { StoreLoad } from "../../core/store/index.ts";
import type { Lead } from "./lead.ts";
import { createUrge } from "./urge.ts";

/** This process as one of those that may lead. */
export interface Candidate {
  isLeading(): boolean;
  /** Is told after each call that was done on the file how often this process has waited for others so far. */
  worked(met: Pick<StoreLoad, "waits" | "crowds">): void;
  /** Is told that the leader is gone: the next one is wanted at once. */
  lost(): void;
  close(): Promise<void>;
}

/** How long not to try again: after somebody else was quicker, and after this process could not lead at all. */
const restMs = 1_000;
const unableMs = 60_000;

export interface CandidateDeps {
  /** Takes the lead; null when somebody leads already. Rejects where this process cannot. */
  take(this: void): Promise<Lead | null>;
  log(this: void, line: string): void;
}

export function createCandidate({ take, log }: CandidateDeps): Candidate {
  const urge = createUrge();
  let lead: Lead | null = null;
  let standing: Promise<void> | null = null;
  let restUntilMs = 0;
  let isClosed = false;

  const stand = async (): Promise<void> => {
    try {
      lead = await take();
      restUntilMs = performance.now() + restMs;
    } catch (error) {
      restUntilMs = performance.now() + unableMs;
      log(`this process cannot lead: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const begin = (): void => {
    const isLeading = lead?.isOver() === false;
    if (!isClosed && !isLeading && standing === null && performance.now() >= restUntilMs) {
      standing = stand().finally(() => {
        standing = null;
      });
    }
  };
  return {
    isLeading: () => lead?.isOver() === false,
    worked: (met) => {
      if (urge.isPressing(met, performance.now())) {
        begin();
      }
    },
    lost: begin,
    close: async () => {
      isClosed = true;
      await standing;
      await lead?.close();
    },
  };
}
