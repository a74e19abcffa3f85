/** The values of some promises, in their order. */
type Values<T extends readonly Promise<unknown>[]> = { -readonly [P in keyof T]: Awaited<T[P]> };

/**
 * Waits for parts of a transaction that do not depend on each other, so that a server answers all in one round trip. All have ended before one that
 * failed is told, the first in their order: nothing of them may run after the transaction.
 */
export function together<const T extends readonly Promise<unknown>[]>(parts: T): Promise<Values<T>>;
export function together(parts: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  return Promise.all(parts).catch(() => failed(parts));
}

/** Of those that have failed by the end of all, the first is told. */
async function failed(parts: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  await Promise.allSettled(parts);
  return Promise.all(parts);
}
