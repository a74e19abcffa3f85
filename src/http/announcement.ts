import { readFileSync, rmSync } from "node:fs";
import { createProcessProbe } from "../adapters/process/probe.ts";
import { writePrivate } from "./token-file.ts";

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
  const self = createProcessProbe().self();
  const text = JSON.stringify({
    url,
    token_file: tokenFile,
    version,
    store,
    host: self.host,
    boot_id: self.bootId,
    pid: process.pid,
    started_at: self.startedAt,
  });
  const written = `${text}\n`;
  writePrivate(file, written);
  return () => {
    // Another server may have the address of one that still finishes what it began.
    if (read(file) === written) {
      rmSync(file, { force: true });
    }
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
