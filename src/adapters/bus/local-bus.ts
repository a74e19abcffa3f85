import type { Bus } from "../../core/events/index.ts";
import { createWatch } from "./watch.ts";
import type { Watch } from "./watch.ts";

/** Makes a bus within this process, for a store that nobody else can see. */
export function createLocalBus(): Bus {
  const watches = new Map<string, Watch>();
  const sinceMs = Date.now();
  return {
    doorbell: ({ project, mark }) => {
      const watchOf = (): Watch => {
        const made =
          watches.get(project) ?? createWatch({ mark, backstopMs: null, onEmpty: () => {} });
        watches.set(project, made);
        return made;
      };
      return {
        ring: () => {
          watches.get(project)?.ring();
        },
        watch: (onRing) => watchOf().add(onRing),
        close: () => {
          watches.get(project)?.close();
        },
      };
    },
    health: () => ({ kind: "process", state: "well", sinceMs, reason: null }),
    close: async () => {
      for (const watch of watches.values()) {
        watch.close();
      }
      return Promise.resolve();
    },
  };
}
