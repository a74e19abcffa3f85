import { mkdirSync, mkdtempSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { backupGauge } from "../../src/http/newest-backup.ts";

async function ageOf(folder: string): Promise<number | undefined> {
  const [gauge] = await backupGauge(folder);
  return gauge?.values[0]?.value;
}

describe("backupGauge", () => {
  test("is the age of the newest file that holds something", async () => {
    const folder = mkdtempSync(join(tmpdir(), "skein-backup-"));
    const nowSeconds = Date.now() / 1_000;
    for (const [name, age] of [
      ["old.db", 90_000],
      ["new.db", 3_600],
    ] as const) {
      writeFileSync(join(folder, name), "x");
      utimesSync(join(folder, name), nowSeconds, nowSeconds - age);
    }
    writeFileSync(join(folder, "cut-off.db"), "");
    mkdirSync(join(folder, "folder"));

    const age = (await ageOf(folder)) ?? Number.NaN;

    expect(age).toBeGreaterThan(3_590);
    expect(age).toBeLessThan(3_700);
  });

  test("is without end where there is no file or no folder, and nothing where nobody named one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "skein-backup-"));

    expect(await ageOf(folder)).toBe(Number.POSITIVE_INFINITY);
    expect(await ageOf(join(folder, "none"))).toBe(Number.POSITIVE_INFINITY);
    expect(await backupGauge(null)).toEqual([]);
  });
});
