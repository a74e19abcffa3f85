export interface Remembering {
  /** For how long an answer counts, in milliseconds. */
  readonly forMs: number;
  /** Default: a clock that never jumps. */
  readonly nowMs?: (() => number) | undefined;
}

/** Looks at something and gives what was found to all who ask within a while: many may ask, and few need a fresh answer. A look that failed is told as well. */
export function remembering<Key extends object, Found>(
  look: (at: Key) => Promise<Found>,
  { forMs, nowMs = () => performance.now() }: Remembering,
): (at: Key) => Promise<Found> {
  const last = new WeakMap<Key, { readonly atMs: number; readonly found: Promise<Found> }>();
  return async (at) => {
    const known = last.get(at);
    if (known !== undefined && nowMs() - known.atMs < forMs) {
      return known.found;
    }
    const found = look(at);
    last.set(at, { atMs: nowMs(), found });
    return found;
  };
}
