import type { AwayMark } from "./away-mark.ts";

/** What one program knows of whether the server can be reached at all. */
export interface Reach {
  /** How long to go on trying while nothing answers, in milliseconds: not at all where that was found out a moment ago. */
  awayMs(asked: { readonly patienceMs: number; readonly awayMs?: number | undefined }): number;
  /** One try came to its end; `isAway`: nothing answered at the address. */
  note(isAway: boolean): void;
  /** A call failed for good; `isAway`: for that. */
  giveUp(isAway: boolean): void;
}

export interface ReachDeps {
  readonly away: AwayMark;
  readonly onReach?: ((isThere: boolean) => void) | undefined;
}

export function createReach({ away, onReach = () => undefined }: ReachDeps): Reach {
  let isKnownAway = false;
  const tell = (isThere: boolean): void => {
    if (isKnownAway === isThere) {
      isKnownAway = !isThere;
      onReach(isThere);
    }
  };
  return {
    awayMs: ({ patienceMs, awayMs = patienceMs }) => (away.isSet() ? 0 : awayMs),
    note: (isAway) => {
      // Whatever it answered, it is there.
      if (!isAway && (isKnownAway || away.isSet())) {
        away.clear();
        tell(true);
      }
    },
    giveUp: (isAway) => {
      if (isAway) {
        away.set();
        tell(false);
      }
    },
  };
}
