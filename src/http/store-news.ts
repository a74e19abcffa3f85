import type { Timer } from "../core/base/timer.ts";
import type { ServerLog } from "./log/server-log.ts";

/** Tells in the log that the database is away, and that it answers again: as text the log has no line of a request, and whoever reads it would learn neither. */
export interface StoreNews {
  /** Hears with which code a request ended; null where nothing went wrong. */
  hear(this: void, code: string | null): void;
}

export interface StoreNewsDeps {
  readonly log: Pick<ServerLog, "line" | "warn">;
  /** Asks the database for anything; fails while it is away. */
  readonly look: () => Promise<unknown>;
  readonly timer: Pick<Timer, "sleep">;
  /** Aborts when the server is told to end. */
  readonly ending: AbortSignal;
}

/** How often it is asked while it is away. */
const everyMs = 1_000;

/** The database's server cannot be reached. */
const away = "SKN-7116";

export function createStoreNews({ log, look, timer, ending }: StoreNewsDeps): StoreNews {
  let isAway = false;
  const pause = async (): Promise<void> => timer.sleep(everyMs, ending);
  const untilBack = async (): Promise<void> => {
    for (await pause(); !ending.aborted; await pause()) {
      if (await answers(look)) {
        isAway = false;
        log.line("store: the database answers again");
        return;
      }
    }
  };
  return {
    hear: (code) => {
      if (code === away && !isAway && !ending.aborted) {
        isAway = true;
        log.warn(
          `store: the database cannot be reached (${away}); calls get 503 and are to be repeated`,
        );
        void untilBack();
      }
    },
  };
}

async function answers(look: () => Promise<unknown>): Promise<boolean> {
  try {
    await look();
    return true;
  } catch {
    return false;
  }
}
