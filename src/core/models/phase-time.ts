/** The pauses between four tries. */
const pausesMs = 10_000;

/** How long a phase needs for one try and three more with their pauses (requirement A6), in milliseconds. */
export function phaseMsFor(tryMs: number): number {
  return 4 * tryMs + pausesMs;
}
