import { describe, expect, test } from "vitest";
import { decideAnchor, storeTimeMs } from "../../../src/core/store/time.ts";
import { createVirtualTime } from "../../support/virtual-time.ts";

describe("decideAnchor", () => {
  test("starts a new store at the wall clock", () => {
    const time = createVirtualTime(5_000);

    const anchor = decideAnchor(null, 0, time);

    expect(storeTimeMs(anchor, time)).toBe(5_000);
  });

  test("keeps the anchor of the same boot, so that a jump of the wall clock changes nothing", () => {
    const time = createVirtualTime(5_000);
    const anchor = decideAnchor(null, 0, time);
    time.advance(100);
    time.jumpWall(-86_400_000);

    const later = decideAnchor(anchor, 5_100, time);

    expect(later).toBe(anchor);
    expect(storeTimeMs(later, time)).toBe(5_100);
  });

  test("goes by the wall clock after a reboot", () => {
    const time = createVirtualTime(5_000);
    const anchor = decideAnchor(null, 0, time);
    time.advance(1_000);
    time.reboot();
    time.advance(50);

    const after = decideAnchor(anchor, 6_000, time);

    expect(storeTimeMs(after, time)).toBe(6_050);
  });

  test("never goes back before what was known, even when a reboot brings an older wall clock", () => {
    const time = createVirtualTime(5_000);
    const anchor = decideAnchor(null, 0, time);
    time.reboot();
    time.jumpWall(-4_000);

    const after = decideAnchor(anchor, 6_000, time);

    expect(storeTimeMs(after, time)).toBe(6_000);
  });

  test("takes a monotonic clock that ran backwards for a reboot", () => {
    const time = createVirtualTime(5_000);
    const anchor = { bootId: time.bootId, storeMs: 9_000, monotonicMs: time.monotonicMs() + 1 };

    expect(decideAnchor(anchor, 9_500, time).storeMs).toBe(9_500);
  });
});
