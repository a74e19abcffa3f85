/** Remembers the last results of a pure function by a text key. */
export interface Memo<T> {
  of(key: string, make: () => T): T;
}

/** So long a key is at most, in characters, for its result to be kept: what others write must not fill the memory by being long. */
const longestKey = 4_096;

/** Makes a memo of at most `limit` results; those not asked for lately go first. */
export function createMemo<T>(limit: number): Memo<T> {
  let young = new Map<string, T>();
  let old = new Map<string, T>();

  function keep(key: string, value: T): T {
    if (young.size >= limit / 2) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
    return value;
  }

  return {
    of: (key, make) => {
      if (key.length > longestKey) {
        return make();
      }
      const recent = young.get(key);
      if (recent !== undefined) {
        return recent;
      }
      return keep(key, old.get(key) ?? make());
    },
  };
}
