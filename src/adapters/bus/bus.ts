import type { Bus, BusHealth, BusPlace, Doorbell } from "../../core/events/index.ts";
import type { Carrier } from "./carrier.ts";
import { createHealth } from "./health.ts";
import { createRinger } from "./ringer.ts";
import { createWatch } from "./watch.ts";
import type { Watch } from "./watch.ts";

export interface BusOptions {
  readonly carrier: Carrier;
  /** Told each time that the bus goes down or is well again: for the log. */
  readonly onChange?: ((health: BusHealth) => void) | undefined;
  /** How often to look at the log of a project that is watched, in milliseconds. Default 1,000. */
  readonly backstopMs?: number | undefined;
  /** How long the connection stays open after the last watcher has gone, in milliseconds. Default 30,000. */
  readonly lingerMs?: number | undefined;
}

/**
 * Makes the doorbells of many projects over one carrier: one connection hears for all watchers, rings of a burst are joined, and
 * whatever the carrier loses is noticed by a look at the log.
 */
export function createBus(options: BusOptions): Bus {
  const { carrier, backstopMs = 1_000, lingerMs = 30_000 } = options;
  const health = createHealth(carrier.kind, options.onChange ?? (() => {}));
  const watches = new Map<string, Watch>();
  const ringer = createRinger(carrier, (reason) => {
    health.tell("send", reason);
  });
  const hearing = createHearing(lingerMs, {
    start: () => {
      carrier.listen({
        onRing: (project) => {
          ringAt(watches, project);
        },
        onFault: (reason) => {
          health.tell("listen", reason);
        },
      });
    },
    stop: async () => {
      await carrier.deafen();
      health.rest();
    },
  });

  function watchOf({ project, mark }: BusPlace): Watch {
    const found = watches.get(project);
    if (found !== undefined) {
      return found;
    }
    const made = createWatch({ mark, backstopMs, onEmpty: () => watches.delete(project) });
    watches.set(project, made);
    return made;
  }

  return {
    doorbell: (place) => createDoorbell({ place, watches, watchOf, ringer, hearing }),
    health: health.now,
    close: async () => {
      for (const watch of watches.values()) {
        watch.close();
      }
      hearing.close();
      await ringer.close();
      await carrier.close();
    },
  };
}

/** Null: any project may have changed. */
function ringAt(watches: ReadonlyMap<string, Watch>, project: string | null): void {
  for (const [name, watch] of watches) {
    if (project === null || project === name) {
      watch.ring();
    }
  }
}

interface DoorbellParts {
  readonly place: BusPlace;
  readonly watches: ReadonlyMap<string, Watch>;
  readonly watchOf: (place: BusPlace) => Watch;
  readonly ringer: { ring(project: string): void };
  readonly hearing: Hearing;
}

function createDoorbell({ place, watches, watchOf, ringer, hearing }: DoorbellParts): Doorbell {
  const stops = new Set<() => void>();
  return {
    ring: () => {
      // Those of this process need no carrier.
      watches.get(place.project)?.ring();
      ringer.ring(place.project);
    },
    watch: (onRing) => {
      const leave = watchOf(place).add(onRing);
      hearing.enter();
      const stop = (): void => {
        if (stops.delete(stop)) {
          leave();
          hearing.leave();
        }
      };
      stops.add(stop);
      return stop;
    },
    close: () => {
      for (const stop of stops) {
        stop();
      }
    },
  };
}

interface Hearing {
  enter(): void;
  leave(): void;
  close(): void;
}

/** Listens while somebody watches and a while longer: waits come and go, and connections are dear. */
function createHearing(
  lingerMs: number,
  carrier: { start(): void; stop(): Promise<void> },
): Hearing {
  let watchers = 0;
  let lingering: NodeJS.Timeout | null = null;
  const stay = (): void => {
    clearTimeout(lingering ?? undefined);
    lingering = null;
  };
  return {
    enter: () => {
      watchers += 1;
      stay();
      carrier.start();
    },
    leave: () => {
      watchers -= 1;
      if (watchers === 0) {
        lingering = setTimeout(() => void carrier.stop(), lingerMs).unref();
      }
    },
    close: stay,
  };
}
