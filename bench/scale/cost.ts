import type { Assumptions } from "./assumptions.ts";
import { callKinds } from "./facts.ts";
import type { Facts } from "./facts.ts";

export interface CostRequest {
  readonly shards: number;
  readonly eventsPerSecond: number;
  readonly facts: Facts;
  readonly assumptions: Assumptions;
}

export interface ScaleCost {
  readonly serverCores: number;
  readonly databaseCores: number;
  /** All by the month. */
  readonly serversUsd: number;
  readonly databasesUsd: number;
  readonly storageUsd: number;
  readonly perSessionUsd: number;
}

/** What is bought: so many cores as the work needs with room to spare, whole ones for each shard, and the disk for what is kept. */
export function costOf({ shards, eventsPerSecond, facts, assumptions }: CostRequest): ScaleCost {
  const { sessions, callsPerMinute, headroom, prices, storage } = assumptions;
  const used = (part: "databaseMs" | "serverMs"): number =>
    callKinds.reduce(
      (sum, kind) => sum + (callsPerMinute[kind] / 60) * sessions * (facts[kind][part] / 1_000),
      0,
    );
  const bought = (cores: number): number => Math.ceil(cores / headroom / shards) * shards;
  const serverCores = bought(used("serverMs"));
  const databaseCores = bought(used("databaseMs"));
  const bytes = eventsPerSecond * 86_400 * storage.days * storage.bytesPerEvent;
  const serversUsd = serverCores * prices.serverCoreHour * prices.hoursPerMonth;
  const databasesUsd = databaseCores * prices.databaseCoreHour * prices.hoursPerMonth;
  const storageUsd = (bytes / 1e9) * prices.storageGigabyteMonth;
  return {
    serverCores,
    databaseCores,
    serversUsd,
    databasesUsd,
    storageUsd,
    perSessionUsd: (serversUsd + databasesUsd + storageUsd) / sessions,
  };
}
