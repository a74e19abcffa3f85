import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFlush } from "../../../src/core/store/dialects/sqlite-flush.ts";

describe("createFlush", () => {
  let file = "";
  let directory = "";

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "skein-test-"));
    file = join(directory, "skein.db");
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  test("brings the journal to the disk, alone and in a crowd", async () => {
    writeFileSync(`${file}-wal`, "frames");
    const flush = createFlush(file);

    const all = [
      flush.start("many"),
      flush.start("many"),
      flush.start("many"),
      flush.start("alone"),
    ];

    await expect(Promise.all(all)).resolves.toHaveLength(4);
    await flush.close();
  });

  test("says so when the disk does not confirm", async () => {
    const flush = createFlush(file);

    await expect(flush.start("alone")).rejects.toMatchObject({
      code: "SKN-7111",
      kind: "unavailable",
    });
    await expect(flush.start("many")).rejects.toMatchObject({ code: "SKN-7111" });
    await flush.close();
  });
});
