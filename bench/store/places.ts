import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Makes an empty directory for a measurement; the caller removes it. */
export function makeTemporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), "skein-bench-"));
}
