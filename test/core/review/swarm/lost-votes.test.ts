import { describe, expect, test } from "vitest";
import { createTokens } from "../../../../src/core/models/index.ts";
import { anchorsOf, findingsOf, verdictOf } from "../../../../src/core/review/findings.ts";
import { packFiles, usualLimits } from "../../../../src/core/review/index.ts";
import type { Verdict } from "../../../../src/core/review/index.ts";
import type { SwarmOutcome } from "../../../../src/core/review/swarm/request.ts";
import { createSwarm } from "../../../../src/core/review/swarm/swarm.ts";
import { createManualTimer } from "../../../support/manual-timer.ts";
import { aFile, aHunk } from "../../../support/review.ts";
import { seatsOf } from "../../../support/reviewers.ts";
import { createScriptedPanel, findingsReply, voteAll } from "../../../support/scripted-panel.ts";

const tokens = createTokens();
const code = "  for (let i = 0; i < payments.length - 1; i += 1) {";
const files = [aFile({ path: "src/pay.ts", hunks: [aHunk(8, [`+${code}`])] })];
const bug = {
  path: "src/pay.ts",
  line: 8,
  end_line: 8,
  severity: "high",
  category: "correctness",
  title: "Off-by-one skips the last payment",
  body: "The loop ends one early.",
  quoted: code,
  symbol: null,
  failing_input: null,
};

/** Seat 1 finds the bug; of the others the named ones cannot be understood when they vote. */
async function reviewed(seats: number, ...lost: readonly number[]): Promise<SwarmOutcome> {
  const model = createScriptedPanel(({ seat, phase, prompt }) => {
    if (phase === "generate") {
      return findingsReply(...(seat === 1 ? [bug] : []));
    }
    return lost.includes(seat) ? "I would rather not." : voteAll(prompt, "confirm");
  });
  const families = ["a", "b", "c", "d"].slice(0, seats);
  return createSwarm({ model, tokens, timer: createManualTimer(), costOf: () => 1 }).run({
    run: "R1",
    seed: "seed",
    panel: {
      preset: "fast",
      mode: seats === 2 ? "refute" : "vote",
      threshold: 60,
      seats: seatsOf(families),
      notes: [],
    },
    packing: packFiles(files, {
      tokensOf: (text) => tokens.ofText(text),
      packTokens: 20_000,
      maxPacks: 4,
    }),
    files,
    instructions: "",
    description: "",
    limits: usualLimits,
    room: null,
    signal: new AbortController().signal,
  });
}

function verdictIn(outcome: SwarmOutcome): Verdict {
  const anchors = anchorsOf(outcome, files);
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
