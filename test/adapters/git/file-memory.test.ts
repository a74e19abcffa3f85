import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFileMemory } from "../../../src/adapters/git/file-memory.ts";

let dir: string;
let file: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "skein-memory-"));
  file = join(dir, "HEAD");
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

/** Writes a file as if that had been long ago. */
function writeOld(path: string, text: string): void {
  writeFileSync(path, text);
  utimesSync(path, 1_000_000, 1_000_000);
}

describe("createFileMemory", () => {
  test("tells what is there now, however it came there", () => {
    const memory = createFileMemory();
    const told = [memory.read(file)];

    writeOld(file, "one");
    told.push(memory.read(file), memory.read(file));
    writeFileSync(join(dir, "HEAD.lock"), "two");
    renameSync(join(dir, "HEAD.lock"), file);
    told.push(memory.read(file));
    rmSync(file);
    told.push(memory.read(file));
    writeOld(file, "one");
    told.push(memory.read(file));

    expect(told).toEqual([null, "one", "one", "two", null, "one"]);
  });

  test("reads a file again that was written a moment before: its times may be those of another text", () => {
    const memory = createFileMemory();
    const told: (string | null)[] = [];
    for (const text of ["aaaa", "bbbb", "cccc", "dddd"]) {
      writeFileSync(file, text);
      told.push(memory.read(file));
    }

    expect(told).toEqual(["aaaa", "bbbb", "cccc", "dddd"]);
  });

  test.each([["\0"], ["x".repeat(5_000)], ["."]])(
    "tells nothing of what is no file: %j",
    (name) => {
      expect(createFileMemory().read(join(dir, name))).toBeNull();
    },
  );
});
