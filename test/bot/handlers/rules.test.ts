import { describe, expect, test } from "vitest";

import { mostJudged, turnOf } from "../../../src/bot/handlers/rules.ts";

describe("turnOf", () => {
  test("takes all where one run can judge them", () => {
    const pulls = Array.from({ length: mostJudged }, (_, index) => index);

    expect(turnOf(pulls, 7)).toEqual(pulls);
  });

  test("lets every pull request have its turn, however many there are", () => {
    const pulls = Array.from({ length: 100 }, (_, index) => index);
    const judged = new Set(pulls.flatMap((start) => turnOf(pulls, start)));

    expect(turnOf(pulls, 90)).toHaveLength(mostJudged);
    expect(new Set(turnOf(pulls, 90)).size).toBe(mostJudged);
    expect(judged.size).toBe(100);
  });
});
