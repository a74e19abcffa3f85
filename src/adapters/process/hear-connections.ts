/** When this process last began to listen for ends that it has heard of since, in milliseconds of `performance.now()`. */
let heardMs = Number.NEGATIVE_INFINITY;

/**
 * Resolves when this process has heard of every connection that had ended at a time, of `performance.now()`; at once where it listened since then. One
 * that stood still listens first.
 */
export async function hearConnections(sinceMs: number): Promise<void> {
  if (heardMs >= sinceMs) {
    return;
  }
  const startMs = performance.now();
  // The first round of events may be one that is being told already; those after it are whole. A server of HTTP tells of an end a round later.
  for (let round = 0; round < rounds; round += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  heardMs = startMs;
}

const rounds = 3;
