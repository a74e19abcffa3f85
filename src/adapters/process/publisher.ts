import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { systemRandom } from "./clock.ts";
import { randomToken } from "../../core/base/ids.ts";

/** The random name under which this clone publishes; it is made once, and tells clones apart. */
export function publisherOf(storeDir: string): string {
  const file = fileIn(storeDir);
  const before = findPublisher(storeDir);
  if (before !== null) {
    return before;
  }
  try {
    // Whoever comes second takes the name of the first.
    writeFileSync(file, randomToken(systemRandom), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (findPublisher(storeDir) === null) {
      throw error;
    }
  }
  return findPublisher(storeDir) ?? "";
}

/** The name of a clone that has published; null where nobody did. */
export function findPublisher(storeDir: string): string | null {
  try {
    const text = readFileSync(fileIn(storeDir), "utf8").trim();
    return /^\w{8,64}$/u.test(text) ? text : null;
  } catch {
    return null;
  }
}

function fileIn(storeDir: string): string {
  return join(storeDir, "publisher");
}
