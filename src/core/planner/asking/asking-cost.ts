import type { MicroUsd } from "../../base/ids.ts";

/** What the calls of one draft came to. */
export interface AskingCost {
  readonly calls: number;
  readonly microUsd: MicroUsd;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export const noCost: AskingCost = { calls: 0, microUsd: 0, inputTokens: 0, outputTokens: 0 };
