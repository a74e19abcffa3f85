import { describe, expect, test } from "vitest";
import { checkRoom, isFull } from "../../../src/core/dispatch/room.ts";
import type { Room } from "../../../src/core/dispatch/room.ts";

const mb = 1_048_576;

function aRoom(odd: Partial<Room> = {}): Room {
  return {
    freeMemoryBytes: 500 * mb,
    freeDiskBytes: 5_000 * mb,
    leastMemoryBytes: 64 * mb,
    leastDiskBytes: 256 * mb,
    ...odd,
  };
}

describe("checkRoom", () => {
  test("lets work through where there is room, exactly as much as is kept, or nobody looks", () => {
    for (const room of [null, aRoom(), aRoom({ freeDiskBytes: 256 * mb })]) {
      expect(() => {
        checkRoom(room);
      }).not.toThrow();
      expect(isFull(room)).toBe(false);
    }
  });

  test.each([
    [{ freeMemoryBytes: 10 * mb }, /10 MB of memory are free and 64 MB are kept\.$/u],
    [{ freeDiskBytes: 0 }, /0 MB on the store's disk are free and 256 MB are kept\.$/u],
    [{ freeMemoryBytes: 1, freeDiskBytes: 1 }, /of memory .* and 0 MB on the store's disk/u],
  ] as const)("refuses with the figures and says when to ask again (%#)", (odd, message) => {
    const room = aRoom(odd);

    expect(isFull(room)).toBe(true);
    expect(() => {
      checkRoom(room);
    }).toThrow(expect.objectContaining({ code: "SKN-7801", retryAfterMs: 30_000 }));
    expect(() => {
      checkRoom(room);
    }).toThrow(message);
  });
});
