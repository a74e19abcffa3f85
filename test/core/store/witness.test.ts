import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  readWitness,
  witnessPath,
  writeWitness,
} from "../../../src/core/store/dialects/witness.ts";

let dir: string;
let file: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "skein-witness-"));
  file = join(dir, "skein.db");
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

const storeId = "0123456789abcdef";

describe("writeWitness", () => {
  test.each([
    ["nothing", null],
    ["one of an earlier version", `${storeId} 99999999999999\n`],
    ["one that says more", `${storeId} 1764438000000`.padEnd(40)],
  ])("is read back over %s", (_what, before) => {
    if (before !== null) {
      writeFileSync(witnessPath(file), before);
    }

    writeWitness(file, { storeId, lastMs: 7 });

    expect(readWitness(file)).toEqual({ storeId, lastMs: 7 });
  });

  test("writes over its own bytes, and cuts nothing", () => {
    writeWitness(file, { storeId, lastMs: 1_764_438_000_000 });
    const { size, ino } = statSync(witnessPath(file));

    writeWitness(file, { storeId, lastMs: 0 });

    expect(statSync(witnessPath(file))).toMatchObject({ size, ino });
  });

  test("writes through no link", () => {
    const other = join(dir, "other");
    writeFileSync(other, "kept");
    symlinkSync(other, witnessPath(file));

    writeWitness(file, { storeId, lastMs: 7 });

    expect(readFileSync(other, "utf8")).toBe("kept");
  });
});
