import { stateOf } from "../server/local-server.ts";
import type { Silence } from "../server/silence.ts";
import type { Owed } from "./owed.ts";
import type { Seat } from "./seat.ts";

/** How often a leader that owes an answer is looked at, in milliseconds: one that stands still is noticed within two looks. */
const lookMs = 100;

export interface WatchDeps {
  readonly seat: Seat;
  readonly patience: Silence;
  readonly owed: Owed;
  ping(this: void): void;
  lose(this: void, isFrozen: boolean): void;
}

export interface Watch {
  /** Is told of each call. */
  begin(): void;
}

/**
 * Looks at the leader while it owes answers: one that stands still, is gone or says nothing is given up. One that lives may take its time. A process
 * that waits for nothing is woken for one look at most: to take each back that an answer overtakes would cost more than the look.
 */
export function createWatch({ seat, patience, owed, ping, lose }: WatchDeps): Watch {
  const { silentMs, pingMs } = patience;
  let timer: NodeJS.Timeout | null = null;
  let isPinged = false;
  const look = (): void => {
    timer = null;
    if (owed.isNothing()) {
      return;
    }
    const state = stateOf(seat);
    const silence = owed.silenceMs();
    if (state !== "running" || (isPinged && silence > silentMs + pingMs)) {
      lose(state === "frozen");
      return;
    }
    if (silence >= silentMs && !isPinged) {
      ping();
    }
    isPinged = silence >= silentMs;
    begin();
  };
  const begin = (): void => {
    timer ??= setTimeout(look, lookMs).unref();
  };
  return { begin };
}
