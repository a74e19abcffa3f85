import { SkeinError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { FirstQueries, Store, Transaction } from "../store/index.ts";
import type { HoldingMeter } from "./meter.ts";

/**
 * One write in so many is measured, and counts for all of them: measuring each would take more than a hundredth of a quick one. A prime, so that
 * writes that come in turns are met alike.
 */
const measuredOneIn = 17;

/** A process that writes once or twice is as likely to be measured as not at all. */
const firstMeasured = 3;

/**
 * A store whose writes are measured, from the call to the commit. What was refused by a rule of ours is `refused`; what the store did not do is
 * `unavailable`: it was busy, full or broken. Each refusal is counted by its code: they are rare, and a single one may matter.
 */
export function meterStore(store: Store, meter: HoldingMeter, clock: Clock): Store {
  let writes = 0;
  return {
    ...store,
    write: <T>(work: (tx: Transaction) => Promise<T>, first?: FirstQueries): Promise<T> => {
      writes += 1;
      const written =
        writes % measuredOneIn === firstMeasured
          ? measured({ meter, clock }, () => store.write(work, first))
          : store.write(work, first);
      written.catch((error: unknown) => {
        if (error instanceof SkeinError) {
          meter.refuse(error.code);
        }
      });
      return written;
    },
  };
}

interface Measuring {
  readonly meter: HoldingMeter;
  readonly clock: Clock;
}

async function measured<T>({ meter, clock }: Measuring, write: () => Promise<T>): Promise<T> {
  const startMs = clock.nowMs();
  const note = (outcome: string): void => {
    const value = (clock.nowMs() - startMs) * 1_000;
    meter.noteAlike({ name: "store_write", labels: { outcome }, value, times: measuredOneIn });
  };
  try {
    const result = await write();
    note("ok");
    return result;
  } catch (error) {
    const isRefused = error instanceof SkeinError && error.kind !== "unavailable";
    note(isRefused ? "refused" : "unavailable");
    throw error;
  }
}
