import { tmpdir } from "node:os";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createRoomProbe, leastBytes } from "../../../src/adapters/process/room.ts";
import type { LeastRoom } from "../../../src/adapters/process/room.ts";
import { isFull } from "../../../src/core/dispatch/room.ts";

const mb = 1_048_576;
const any = { leastMb: 0, mostPercent: null };

function look(odd: Partial<LeastRoom>, folder = tmpdir()): boolean {
  return isFull(createRoomProbe(folder, { memory: any, disk: any, ...odd })());
}

describe("leastBytes", () => {
  test.each([
    { of: "megabytes alone", leastMb: 64, mostPercent: null, least: 64 },
    { of: "nobody's looking", leastMb: 0, mostPercent: null, least: 0 },
    { of: "90 % in use", leastMb: 64, mostPercent: 90, least: 800 },
    { of: "95 % in use", leastMb: 64, mostPercent: 95, least: 400 },
    { of: "a share that is less", leastMb: 900, mostPercent: 90, least: 900 },
  ])("of $of are $least MB", ({ leastMb, mostPercent, least }) => {
    expect(leastBytes({ leastMb, mostPercent }, 8_000 * mb)).toBe(least * mb);
  });
});

describe("createRoomProbe", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test("looks at a machine that was full again after a quarter of a second, and not sooner", () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const free = vi.spyOn(process, "availableMemory").mockReturnValue(63 * mb);
    const probe = createRoomProbe(tmpdir(), { memory: { ...any, leastMb: 64 }, disk: any });
    const first = isFull(probe());
    free.mockReturnValue(64 * mb);

    vi.advanceTimersByTime(250);
    const soon = isFull(probe());
    vi.advanceTimersByTime(1);

    expect([first, soon, isFull(probe())]).toEqual([true, true, false]);
    expect(free).toHaveBeenCalledTimes(2);
  });

  test("has room where nothing is kept", () => {
    expect(look({})).toBe(false);
  });

  test("is full once more of the memory, or of the disk, is in use than may be", () => {
    expect(look({ memory: { ...any, mostPercent: 1 } })).toBe(true);
    // Temporary files may lie in memory, of which next to nothing is in use.
    expect(look({ disk: { ...any, mostPercent: 1 } }, import.meta.dirname)).toBe(true);
  });

  test("does not take a disk for full that does not tell", () => {
    expect(look({ disk: { leastMb: 256, mostPercent: 1 } }, "/there/is/none")).toBe(false);
  });
});
