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

/** The project whose changes a doorbell tells of. */
export interface BusPlace {
  readonly project: string;
  /** A number that differs once the log has grown; asked now and then, in case a ring was lost. */
  readonly mark: () => Promise<number>;
}

/** The doorbells of many projects over one connection to whatever carries the rings. */
export interface Bus {
  /** The doorbell of one project; again gives another one on the same connection. */
  doorbell(place: BusPlace): Doorbell;
  health(): BusHealth;
  /** Sends the rings that wait, as far as that is possible within a second, and lets go of the connections. */
  close(): Promise<void>;
}

/** What a bus knows of itself. A dead one costs latency only, since its watchers also look at the log by themselves. */
export interface BusHealth {
  /** `process`: nobody else can see the store. */
  readonly kind: "process" | "file" | "postgres" | "redis";
  /** `idle`: nobody has rung or listened yet; `down`: rings may be lost, and changes are noticed by looking. */
  readonly state: "idle" | "well" | "down";
  /** Since when, in epoch milliseconds of this host. */
  readonly sinceMs: number;
  /** Why it is down, in one line without addresses of people or passwords; null unless it is. */
  readonly reason: string | null;
}
