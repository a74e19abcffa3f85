import { rmSync } from "node:fs";
import { readOwnFile } from "../process/own-file.ts";
import { createProcessProbe } from "../process/probe.ts";
import { writeOwnFile } from "../process/write-own-file.ts";

/** What a server leaves beside the store, so that programs of the same user find it. */
export interface Announcement {
  readonly url: string;
  /** The file that holds the token. */
  readonly tokenFile: string;
  readonly version: string;
  /** The database's file, or what is shown of a database server. */
  readonly store: string;
}

/** Writes the announcement; the answer takes it away again, unless another server has written its own meanwhile. */
export function announce(
  file: string,
  { url, tokenFile, version, store }: Announcement,
): () => void {
  const written = announcementText({ url, token_file: tokenFile, version, store });
  writeOwnFile(file, written);
  return () => {
    // Another server may have the address of one that still finishes what it began.
    takeAway(file, written);
  };
}

/** What a process says of itself, with what names this process among all of this machine. */
export function announcementText(said: Readonly<Record<string, string>>): string {
  const { host, bootId, namespace, startedAt } = createProcessProbe().self();
  const self = { host, boot_id: bootId, namespace, pid: process.pid, started_at: startedAt };
  return `${JSON.stringify({ ...said, ...self })}\n`;
}

/** True while the file says what was written there. */
export function isStillSaid(file: string, written: string): boolean {
  const found = readOwnFile(file, "nothing");
  return found.kind === "text" && found.text === written;
}

/**
 * Takes away what was written, and leaves what another process has written over it. Never throws: a process that ends ends well, and what it could
 * not take away, as in a folder that was closed meanwhile, names a process that is gone.
 */
export function takeAway(file: string, written: string): void {
  try {
    if (isStillSaid(file, written)) {
      rmSync(file, { force: true });
    }
  } catch {
    // Whoever finds it looks whether its process runs.
  }
}
