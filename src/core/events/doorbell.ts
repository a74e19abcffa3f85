/**
 * A wake-up without content: it tells other processes that the log has grown. It may be lost or ring twice; readers always read
 * the log itself.
 */
export interface Doorbell {
  /** Tells every watcher, soon and at most once every few milliseconds. Never throws. */
  ring(): void;
  /** Calls `onRing` after each ring, also from other processes, until the returned function is called. */
  watch(onRing: () => void): () => void;
  close(): void;
}
