import { createTokens } from "../../src/core/models/index.ts";
import { packFiles, usualLimits } from "../../src/core/review/index.ts";
import type { SwarmRequest } from "../../src/core/review/swarm/request.ts";
import { aFile, aHunk } from "./review.ts";
import { seatsOf } from "./reviewers.ts";

const code = "  for (let i = 0; i < payments.length - 1; i += 1) {";

/** A change of one line with a bug in it. */
export const buggyFiles = [aFile({ path: "src/pay.ts", hunks: [aHunk(8, [`+${code}`])] })];

/** The bug, as a seat tells it. */
export const bug = {
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

/** A review of that change by a seat of each family; two refute each other. */
export function aSwarmRequest(
  families: readonly string[],
  odd: Partial<SwarmRequest> = {},
): SwarmRequest {
  const tokens = createTokens();
  return {
    run: "R1",
    seed: "seed",
    panel: {
      preset: "fast",
      mode: families.length === 2 ? "refute" : "vote",
      threshold: 60,
      seats: seatsOf(families),
      notes: [],
    },
    packing: packFiles(buggyFiles, {
      tokensOf: (text) => tokens.ofText(text),
      packTokens: 20_000,
      maxPacks: 4,
    }),
    files: buggyFiles,
    instructions: "",
    description: "",
    limits: usualLimits,
    room: null,
    signal: new AbortController().signal,
    ...odd,
  };
}
