import { expect, test } from "vitest";

import { createTokens } from "../../../../src/core/models/index.ts";
import { packFiles, usualLimits } from "../../../../src/core/review/index.ts";
import { createSwarm } from "../../../../src/core/review/swarm/swarm.ts";
import { createManualTimer } from "../../../support/manual-timer.ts";
import { aFile, aHunk } from "../../../support/review.ts";
import { seatsOf } from "../../../support/reviewers.ts";
import { createScriptedPanel, findingsReply, voteAll } from "../../../support/scripted-panel.ts";
import type { ScriptedPanel } from "../../../support/scripted-panel.ts";

const code = "export const x = 1;";
const files = [aFile({ path: "src/x.ts", hunks: [aHunk(1, [`+${code}`])] })];
const found = {
  path: "src/x.ts",
  line: 1,
  end_line: 1,
  severity: "high",
  category: "correctness",
  title: "x is one too many",
  body: "It counts from one.",
  quoted: code,
  symbol: null,
  failing_input: null,
};

/** The phases that models were asked in, where `onPhase` is awaited before each. */
async function asked(
  onPhase: () => Promise<void>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const model: ScriptedPanel = createScriptedPanel(({ phase, prompt }) =>
    phase === "generate" ? findingsReply(found) : voteAll(prompt, "confirm"),
  );
  const tokens = createTokens();
  const swarm = createSwarm({
    model,
    tokens,
    timer: createManualTimer(),
    costOf: () => 1,
    onBug: (error) => {
      throw error;
    },
  });
  await swarm.run({
    run: "R1",
    seed: "seed",
    panel: {
      preset: "fast",
      mode: "vote",
      threshold: 60,
      seats: seatsOf(["a", "b", "c"]),
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
    signal,
    onPhase,
  });
  return model.requests.map(({ tag }) => tag.phase);
}

test("no vote is asked for where what is awaited before it ends the review", async () => {
  const ended = new AbortController();
  let phases = 0;

  const calls = await asked(async () => {
    phases += 1;
    // As long as a look at the head takes.
    await new Promise(setImmediate);
    if (phases === 2) {
      ended.abort();
    }
  }, ended.signal);

  expect(phases).toBe(2);
  expect(calls).toEqual(["generate", "generate", "generate"]);
});

test("a review goes on where what is awaited has nothing against it", async () => {
  const calls = await asked(async () => Promise.resolve(), new AbortController().signal);

  expect(calls).toEqual(["generate", "generate", "generate", "vote", "vote"]);
});
