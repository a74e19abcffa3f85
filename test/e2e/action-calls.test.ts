import { expect, test } from "vitest";

import { reviewCalls, settingsPlaces } from "../../bench/support/github-calls.ts";

test.each(settingsPlaces)(
  "a review of 45 files with findings takes at most 12 calls with settings in %s",
  async (place) => {
    const calls = await reviewCalls(place);

    const told = calls.map(({ method, path, status }) => `${method} ${path} ${String(status)}`);
    expect(calls.length, told.join("\n")).toBeLessThanOrEqual(12);
    expect(told.filter((each) => each.includes("/contents/"))).toEqual([]);
  },
);
