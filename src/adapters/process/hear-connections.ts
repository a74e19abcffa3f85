/** Resolves when this process has heard of every connection that had ended by the time of the call. */
export async function hearConnections(): Promise<void> {
  // The first round of events may be one that is being told already; those after it are whole. A server of HTTP tells of an end a round later.
  for (let round = 0; round < rounds; round += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

const rounds = 3;
