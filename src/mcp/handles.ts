/** The handles that callers were given, by their names outside; the oldest are forgotten when there are too many. */
export type Handles = Pick<Map<string, string>, "get" | "set" | "delete">;

const mostHandles = 20_000;

/** Makes a book of handles in which each owner has names of its own. */
export function createHandleBook(): { of(owner: string): Handles } {
  const known = new Map<string, string>();
  return {
    of: (owner) => {
      const keyOf = (name: string): string => `${owner}\n${name}`;
      return {
        get: (name) => known.get(keyOf(name)),
        set: (name, handle) => {
          known.delete(keyOf(name));
          known.set(keyOf(name), handle);
          for (const oldest of known.keys()) {
            if (known.size <= mostHandles) {
              break;
            }
            known.delete(oldest);
          }
          return known;
        },
        delete: (name) => known.delete(keyOf(name)),
      };
    },
  };
}
