import type { MicroUsd } from "../../base/ids.ts";

/** What the calls of one draft came to. */
export interface AskingCost {
  /** Tries, failed ones too. */
  readonly calls: number;
  readonly microUsd: MicroUsd;
  /** Those of the provider's cache too. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export const noCost: AskingCost = { calls: 0, microUsd: 0, inputTokens: 0, outputTokens: 0 };
