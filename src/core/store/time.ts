/** Where a store takes its time from; the clocks of this host. */
export interface TimeSource {
  /** The wall clock in epoch milliseconds. It may jump. */
  wallMs(): number;
  /** Whole milliseconds of a clock that never jumps and that all processes of one boot share. */
  monotonicMs(): number;
  /** Names this boot of this host; another boot has another name. */
  readonly bootId: string;
}

/** A moment at which the store's time was tied to a boot's monotonic clock. */
export interface TimeAnchor {
  readonly bootId: string;
  readonly storeMs: number;
  readonly monotonicMs: number;
}

/** Tells the store's time: it advances by the monotonic clock, so that a jump of the wall clock changes nothing. */
export function storeTimeMs(anchor: TimeAnchor, source: TimeSource): number {
  return anchor.storeMs + (source.monotonicMs() - anchor.monotonicMs);
}

/**
 * Decides which anchor holds: the one that is there while its boot lasts, else a new one that starts at the wall clock, but never
 * before `lastMs`, the last time the store is known to have reached.
 */
export function decideAnchor(
  current: TimeAnchor | null,
  lastMs: number,
  source: TimeSource,
): TimeAnchor {
  const isSameBoot =
    current !== null &&
    current.bootId === source.bootId &&
    current.monotonicMs <= source.monotonicMs();
  if (isSameBoot) {
    return current;
  }
  return {
    bootId: source.bootId,
    storeMs: Math.max(source.wallMs(), lastMs),
    monotonicMs: source.monotonicMs(),
  };
}
