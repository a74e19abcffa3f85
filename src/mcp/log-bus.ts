import { InMemoryServerEventBus } from "@modelcontextprotocol/server";
import type { ServerEventBus } from "@modelcontextprotocol/server";
import { systemTimer } from "../adapters/process/timer.ts";
import { createEventFollower } from "./event-follower.ts";
import type { FollowedLog } from "./event-follower.ts";
import { touchedUris } from "./feed.ts";

/** Tells subscribers of what the log says; it is followed while there are any, once for all of them. */
export function createLogBus(watcher: FollowedLog): ServerEventBus {
  const bus = new InMemoryServerEventBus();
  let listeners = 0;
  let stop: (() => void) | null = null;
  return {
    publish: (event) => {
      bus.publish(event);
    },
    subscribe: (listener) => {
      const unsubscribe = bus.subscribe(listener);
      listeners += 1;
      stop ??= follow(watcher, bus);
      let isOver = false;
      return () => {
        unsubscribe();
        listeners -= isOver ? 0 : 1;
        isOver = true;
        if (listeners === 0) {
          stop?.();
          stop = null;
        }
      };
    },
  };
}

/** Follows the log until the answer is called. A start that fails, since the store is away, is tried again: those who wait would hear of nothing. */
function follow(watcher: FollowedLog, bus: ServerEventBus): () => void {
  const end = new AbortController();
  const follower = createEventFollower(watcher, async (events) => {
    for (const uri of touchedUris(events)) {
      bus.publish({ kind: "resource_updated", uri });
    }
    return Promise.resolve();
  });
  const begin = async (): Promise<void> => {
    for (let pauseMs = 100; !end.signal.aborted; pauseMs = Math.min(pauseMs * 2, 5_000)) {
      try {
        await follower.start();
        return;
      } catch (error) {
        watcher.log(`subscriptions: ${String(error)}`);
        await systemTimer.sleep(pauseMs, end.signal);
      }
    }
  };
  void begin();
  return () => {
    end.abort();
    follower.stop();
  };
}
