import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { createTimeSource, readBootId, systemRandom } from "../../../src/adapters/process/clock.ts";

describe("createTimeSource", () => {
  test("tells whole milliseconds that never go back", () => {
    const time = createTimeSource();
    const times = Array.from({ length: 1_000 }, () => time.monotonicMs());

    expect(times).toEqual(times.toSorted((left, right) => left - right));
    expect(times.every((ms) => Number.isSafeInteger(ms))).toBe(true);
  });

  test("shares its monotonic clock and its boot with other processes", () => {
    const time = createTimeSource();
    const beforeMs = time.monotonicMs();
    const ask = `import { createTimeSource } from ${JSON.stringify(new URL("../../../src/adapters/process/clock.ts", import.meta.url).href)};
      const time = createTimeSource();
      process.stdout.write(JSON.stringify([time.bootId, time.monotonicMs()]));`;

    const answer: readonly [string, number] = JSON.parse(
      execFileSync(process.execPath, ["--input-type=module", "-e", ask], { encoding: "utf8" }),
    );

    const [theirBoot, theirMs] = answer;
    expect(theirBoot).toBe(time.bootId);
    expect(theirMs).toBeGreaterThanOrEqual(beforeMs);
    expect(theirMs).toBeLessThanOrEqual(time.monotonicMs());
  });
});

describe("readBootId", () => {
  test("names the same boot each time", () => {
    expect(readBootId()).toBe(readBootId());
    expect(readBootId().length).toBeGreaterThan(3);
  });
});

describe("systemRandom", () => {
  test("yields as many bytes as asked, and others each time", () => {
    expect(systemRandom.bytes(16)).toHaveLength(16);
    expect(systemRandom.bytes(16)).not.toEqual(systemRandom.bytes(16));
  });
});
