/** The values of some promises, in their order. */
type Values<T extends readonly Promise<unknown>[]> = { -readonly [P in keyof T]: Awaited<T[P]> };

/**
 * Waits for parts of a transaction that do not depend on each other, so that a server answers all in one round trip. All have ended before one that
 * failed is told, the first in their order: nothing of them may run after the transaction.
 *
 * Every claim passes here several times, so it makes no more promises than it needs.
 */
export function together<const T extends readonly Promise<unknown>[]>(parts: T): Promise<Values<T>>;
export function together(parts: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  return new Promise((resolve, reject) => {
    const count = parts.length;
    const values: unknown[] = Array.from({ length: count });
    let left = count;
    let hasFailed = false;
    const end = (): void => {
      left -= 1;
      if (left > 0) {
        return;
      }
      if (hasFailed) {
        // All have ended by now, so the first that failed is the one that fails this.
        Promise.all(parts).catch(reject);
      } else {
        resolve(values);
      }
    };
    const fail = (): void => {
      hasFailed = true;
      end();
    };
    for (let at = 0; at < count; at += 1) {
      const keep = (value: unknown): void => {
        values[at] = value;
        end();
      };
      parts[at]?.then(keep, fail);
    }
    if (count === 0) {
      resolve(values);
    }
  });
}
