/**
 * Waits for parts of a transaction that do not depend on each other, so that a server answers all in one round trip. All have ended before one that
 * failed is told, the first in their order: nothing of them may run after the transaction.
 */
export async function together<const T extends readonly Promise<unknown>[]>(
  parts: T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  await settled(parts);
  return Promise.all(parts);
}

/** As `Promise.allSettled`, without an object for each outcome: every claim passes here several times. */
async function settled(parts: readonly Promise<unknown>[]): Promise<void> {
  let left = parts.length;
  if (left === 0) {
    return;
  }
  await new Promise<void>((resolve) => {
    const end = (): void => {
      left -= 1;
      if (left === 0) {
        resolve();
      }
    };
    for (const part of parts) {
      part.then(end, end);
    }
  });
}
