import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { systemRandom } from "../../adapters/process/clock.ts";
import { randomToken } from "../../core/base/ids.ts";

/** The random name under which this clone publishes; it is made once, and tells clones apart. */
export function publisherOf(storeDir: string): string {
  const file = join(storeDir, "publisher");
  const before = readName(file);
  if (before !== null) {
    return before;
  }
  try {
    // Whoever comes second takes the name of the first.
    writeFileSync(file, randomToken(systemRandom), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (readName(file) === null) {
      throw error;
    }
  }
  return readName(file) ?? "";
}

function readName(file: string): string | null {
  try {
    const text = readFileSync(file, "utf8").trim();
    return /^\w{8,64}$/u.test(text) ? text : null;
  } catch {
    return null;
  }
}
