import { closeSync, constants, openSync, readFileSync, rmSync, writeSync } from "node:fs";

/** What was known to be in the store, kept in a small file beside it. */
export interface Witness {
  /** The store's random name, made with its first table. */
  readonly storeId: string;
  /** A store time that was committed and flushed; 0 when commits are not flushed one by one. */
  readonly lastMs: number;
}

/** The path of the witness of a store's file. */
export function witnessPath(file: string): string {
  return `${file}-witness`;
}

/** Reads the witness; null when there is none or it is not readable as one. */
export function readWitness(file: string): Witness | null {
  try {
    const [storeId = "", last = ""] = readFileSync(witnessPath(file), "utf8").trim().split(" ");
    const lastMs = Number(last);
    return /^[0-9a-f]{16}$/u.test(storeId) && Number.isSafeInteger(lastMs)
      ? { storeId, lastMs }
      : null;
  } catch {
    return null;
  }
}

/** Longer than any witness of any version, so that none of an earlier text is left behind a new one. */
const width = 40;

/**
 * Writes the witness, after the commit that it tells of. It is one short write without a flush: a torn or lost witness is as good
 * as none. A failure is no reason to fail a commit that has happened.
 *
 * Its bytes are written over, since a file that is cut to nothing first waits for the file system's journal, which the flushes of others keep busy.
 */
export function writeWitness(file: string, { storeId, lastMs }: Witness): void {
  const { O_WRONLY, O_CREAT, O_NOFOLLOW } = constants;
  let descriptor: number | null = null;
  try {
    descriptor = openSync(witnessPath(file), O_WRONLY | O_CREAT | O_NOFOLLOW, 0o600);
    writeSync(descriptor, `${`${storeId} ${String(lastMs)}`.padEnd(width)}\n`, 0);
  } catch {
    // The store stays right without it; only the loss of a journal would go unnoticed.
  } finally {
    if (descriptor !== null) {
      closeSync(descriptor);
    }
  }
}

/** Forgets the witness, so that the store is believed as it is. */
export function removeWitness(file: string): void {
  rmSync(witnessPath(file), { force: true });
}

/**
 * True when the witness saw commits that the store no longer has. `witness` was read before `found`, so that commits made in
 * between cannot raise a false alarm.
 */
export function hasLostCommits(witness: Witness | null, found: Witness | null): boolean {
  if (witness === null) {
    return false;
  }
  return found === null || found.storeId !== witness.storeId || found.lastMs < witness.lastMs;
}
