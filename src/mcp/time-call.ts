import { SkeinError } from "../core/base/errors.ts";
import type { Meter } from "../core/metrics/index.ts";

/** Measures one call of a tool: `ok`, `refused` with one of our errors, or `failed` by a fault of ours. */
export async function timeCall<T>(meter: Meter, tool: string, call: () => Promise<T>): Promise<T> {
  const startMs = performance.now();
  const note = (outcome: string): void => {
    meter.note("tool_call", { tool, outcome }, (performance.now() - startMs) * 1_000);
  };
  try {
    const answer = await call();
    note("ok");
    return answer;
  } catch (error) {
    note(error instanceof SkeinError ? "refused" : "failed");
    throw error;
  }
}
