/**
 * Waits for parts of a transaction that do not depend on each other, so that a server answers all in one round trip. All have ended before one that
 * failed is told: nothing of them may run after the transaction.
 */
export async function together<const T extends readonly Promise<unknown>[]>(
  parts: T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  await Promise.allSettled(parts);
  return Promise.all(parts);
}
