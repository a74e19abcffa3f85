import { SkeinError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { Store } from "../store/index.ts";
import type { HoldingMeter } from "./meter.ts";

/**
 * A store whose writes are measured, from the call to the commit. What was refused by a rule of ours is `refused`; what the store did not do is
 * `unavailable`: it was busy, full or broken.
 */
export function meterStore(store: Store, meter: HoldingMeter, clock: Clock): Store {
  const took = {
    ok: meter.series("store_write", { outcome: "ok" }),
    refused: meter.series("store_write", { outcome: "refused" }),
    unavailable: meter.series("store_write", { outcome: "unavailable" }),
  };
  return {
    ...store,
    write: async (work) => {
      const startMs = clock.nowMs();
      try {
        const result = await store.write(work);
        took.ok((clock.nowMs() - startMs) * 1_000);
        return result;
      } catch (error) {
        const isRefused = error instanceof SkeinError && error.kind !== "unavailable";
        took[isRefused ? "refused" : "unavailable"]((clock.nowMs() - startMs) * 1_000);
        throw error;
      }
    },
  };
}
