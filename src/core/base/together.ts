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
    const values: unknown[] = Array.from({ length: parts.length });
    let left = parts.length;
    let failed: Failed | null = null;
    const end = (): void => {
      left -= 1;
      if (left > 0) {
        return;
      }
      if (failed === null) {
        resolve(values);
      } else {
        reject(failed.reason);
      }
    };
    const fail = (at: number, reason: unknown): void => {
      failed = failed === null || at < failed.at ? { at, reason } : failed;
      end();
    };
    for (const [at, part] of parts.entries()) {
      const keep = (value: unknown): void => {
        values[at] = value;
        end();
      };
      part.then(keep, (reason: unknown) => {
        fail(at, reason);
      });
    }
    if (left === 0) {
      resolve(values);
    }
  });
}

interface Failed {
  readonly at: number;
  readonly reason: unknown;
}
