/** The pauses between four tries. */
const pausesMs = 10_000;

/** How long a try may take unless its provider's settings say otherwise. */
const usualTryMs = 30_000;

/**
 * How long a phase needs for one try and three more with their pauses (requirement A6), in milliseconds: 130 s, longer for longer tries. Shorter ones
 * shorten no phase, which holds the pauses of a network's retries (31 s) and the wait for a rate limit, too.
 */
export function phaseMsFor(tryMs: number): number {
  return 4 * Math.max(tryMs, usualTryMs) + pausesMs;
}
