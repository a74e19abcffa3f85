import { createPauses, reasonOf, within } from "./carrier.ts";
import type { Carrier } from "./carrier.ts";

/** The shortest time between two sendings of one process, in milliseconds: a burst of commits rings once more at its end. */
const restMs = 5;

/** How long the end of a process waits for its last rings, in milliseconds. */
const farewellMs = 1_000;

export interface Ringer {
  /** Tells other processes, soon; again and again until the carrier has taken it. */
  ring(project: string): void;
  close(): Promise<void>;
}

/** Joins the rings of a burst, each project once, and repeats what could not be sent. */
export function createRinger(
  carrier: Pick<Carrier, "send">,
  onFault: (reason: string | null) => void,
): Ringer {
  const waiting = new Set<string>();
  const pauses = createPauses();
  let lastMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | null = null;
  let sending: Promise<void> | null = null;
  let isClosed = false;

  function schedule(ms: number): void {
    if (timer === null && sending === null && !isClosed) {
      timer = setTimeout(begin, ms);
      if (ms > restMs) {
        // A process that has nothing else to do does not stay for a carrier that is gone.
        timer.unref();
      }
    }
  }

  function begin(): void {
    timer = null;
    sending = send();
  }

  async function send(): Promise<void> {
    lastMs = performance.now();
    const projects = [...waiting];
    waiting.clear();
    let pauseMs = restMs;
    try {
      await carrier.send(projects);
      pauses.reset();
      onFault(null);
    } catch (error) {
      for (const project of projects) {
        waiting.add(project);
      }
      pauseMs = pauses.nextMs();
      onFault(reasonOf(error));
    } finally {
      sending = null;
    }
    if (waiting.size > 0) {
      schedule(pauseMs);
    }
  }

  return {
    ring: (project) => {
      waiting.add(project);
      // Not at once: the connection on which the commit was made is about to become free.
      schedule(Math.max(0, restMs - (performance.now() - lastMs)));
    },
    close: async () => {
      isClosed = true;
      clearTimeout(timer ?? undefined);
      const last = async (): Promise<void> => {
        await sending;
        if (waiting.size > 0) {
          await carrier.send([...waiting]);
        }
      };
      await within(farewellMs, last()).catch(() => {});
    },
  };
}
