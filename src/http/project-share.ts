import type { Principal } from "../core/access/index.ts";
import type { Clock } from "../core/base/clock.ts";
import type { HoldingMeter } from "../core/metrics/index.ts";
import { SkeinError } from "../core/base/errors.ts";
import { takeToken } from "../core/sessions/index.ts";
import type { Bucket } from "../core/sessions/index.ts";
import { httpErrors } from "./errors.ts";
import type { Lane } from "./lanes.ts";

/** What all callers of one project may ask of this server together. */
export interface ProjectShare {
  /** Takes one request of somebody; the user of the machine has no limit. @throws {SkeinError} SKN-7934 when there is none left. */
  take(lane: Lane, by: Principal): void;
}

/** So many parts of a minute's requests may come at once. */
const burstPart = 12;

export interface ProjectShareDeps {
  readonly clock: Clock;
  /** Counts those that were turned away. */
  readonly meter: Pick<HoldingMeter, "refuse">;
}

/**
 * Makes the share of a project; null: no limit. What keeps work alive or gives it back takes from nobody's share. It is this process's, and
 * full when that starts.
 */
export function createProjectShare(
  perMinute: number | null,
  { clock, meter }: ProjectShareDeps,
): ProjectShare {
  if (perMinute === null) {
    return { take: () => undefined };
  }
  const rate = { perMinute, burst: Math.ceil(perMinute / burstPart) };
  let bucket: Bucket | null = null;
  return {
    take: (lane, by) => {
      if (lane === "keep" || by.kind === "loopback") {
        return;
      }
      const taking = takeToken(bucket, clock.nowMs(), rate);
      if (taking.kind === "empty") {
        meter.refuse(httpErrors.overProjectShare.code);
        throw new SkeinError(httpErrors.overProjectShare, {
          message: `The callers of project ${by.project} ask more than ${String(perMinute)} times a minute.`,
          facts: { project: by.project, per_minute: perMinute },
          retryAfterMs: taking.retryAfterMs,
        });
      }
      bucket = taking.bucket;
    },
  };
}
