import { describe, expect, test } from "vitest";
import { createTokens } from "../../../../src/core/models/index.ts";
import { anchorsOf, findingsOf, verdictOf } from "../../../../src/core/review/findings.ts";
import type { Verdict } from "../../../../src/core/review/index.ts";
import type { SwarmOutcome } from "../../../../src/core/review/swarm/request.ts";
import { createSwarm } from "../../../../src/core/review/swarm/swarm.ts";
import { createManualTimer } from "../../../support/manual-timer.ts";
import { createScriptedPanel, findingsReply, voteAll } from "../../../support/scripted-panel.ts";
import { aSwarmRequest, buggyFiles, bug } from "../../../support/swarm-request.ts";

const tokens = createTokens();

/** Seat 1 finds the bug; of the others the named ones cannot be understood when they vote. */
async function reviewed(seats: number, ...lost: readonly number[]): Promise<SwarmOutcome> {
  const model = createScriptedPanel(({ seat, phase, prompt }) => {
    if (phase === "generate") {
      return findingsReply(...(seat === 1 ? [bug] : []));
    }
    return lost.includes(seat) ? "I would rather not." : voteAll(prompt, "confirm");
  });
  const families = ["a", "b", "c", "d"].slice(0, seats);
  const swarm = createSwarm({ model, tokens, timer: createManualTimer(), costOf: () => 1 });
  return swarm.run(aSwarmRequest(families));
}

function verdictIn(outcome: SwarmOutcome): Verdict {
  const anchors = anchorsOf(outcome, buggyFiles);
  const thresholds = { preset: 60, severity: {}, category: {} };
  return verdictOf(findingsOf({ outcome, anchors, records: [], thresholds }), outcome.isComplete);
}

describe("votes that are lost", () => {
  test.each([
    { seats: 4, lost: [2, 3, 4], voted: "0 of 3" },
    { seats: 4, lost: [2, 3], voted: "1 of 3" },
    { seats: 3, lost: [3], voted: "1 of 2" },
    { seats: 2, lost: [2], voted: "0 of 1" },
  ])("of $seats seats $lost: no pass, but incomplete", async ({ seats, lost, voted }) => {
    const outcome = await reviewed(seats, ...lost);

    expect(verdictIn(outcome)).toBe("incomplete");
    expect(outcome.notes).toContain(`Only ${voted} seats voted: the review is incomplete.`);
  });

  test("do not count where two thirds voted", async () => {
    const outcome = await reviewed(4, 3);

    expect(verdictIn(outcome)).toBe("changes");
    expect(outcome.notes).toEqual([
      expect.stringMatching(/^seat 3 \(\S+\) did not vote: The reply of/u),
    ]);
  });
});
