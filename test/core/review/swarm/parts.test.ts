import { describe, expect, test } from "vitest";
import { createTokens } from "../../../../src/core/models/index.ts";
import { packFiles, usualLimits } from "../../../../src/core/review/index.ts";
import type { SwarmOutcome } from "../../../../src/core/review/swarm/request.ts";
import { createSwarm } from "../../../../src/core/review/swarm/swarm.ts";
import { createManualTimer } from "../../../support/manual-timer.ts";
import { aFile, aHunk } from "../../../support/review.ts";
import { aModel, seatsOf } from "../../../support/reviewers.ts";
import { createScriptedPanel, findingsReply, voteAll } from "../../../support/scripted-panel.ts";
import type { ScriptedPanel } from "../../../support/scripted-panel.ts";

const tokens = createTokens();

/** Two files that no pack has room for together: every seat makes two calls to read them. */
const files = ["src/one.ts", "src/two.ts"].map((path) =>
  aFile({ path, hunks: [aHunk(1, [`+export const total = 0.1 + 0.2; // ${path}`])] }),
);
const packing = packFiles(files, {
  tokensOf: (text) => tokens.ofText(text),
  packTokens: 40,
  maxPacks: 2,
});

function found(file: string, title: string): string {
  return findingsReply({
    path: file,
    line: 1,
    end_line: 1,
    severity: "high",
    category: "correctness",
    title,
    body: "It is never 0.3.",
    quoted: "0.1 + 0.2",
    symbol: null,
    failing_input: null,
  });
}

async function run(model: ScriptedPanel, families: readonly string[]): Promise<SwarmOutcome> {
  const swarm = createSwarm({ model, tokens, timer: createManualTimer(), costOf: () => 1 });
  const seats = seatsOf(families);
  return swarm.run({
    run: "R1",
    seed: "seed",
    panel: { preset: "fast", mode: "vote", threshold: 60, seats, notes: [] },
    packing,
    files,
    instructions: "",
    description: "",
    limits: usualLimits,
    room: null,
    signal: new AbortController().signal,
  });
}

function isFirst(prompt: string): boolean {
  return prompt.includes("=== src/one.ts");
}

describe("a change in parts", () => {
  test("says of a seat that two families answered that it is of one", async () => {
    const stranger = aModel({ name: "other", family: "z" });
    const outcome = await run(
      createScriptedPanel(({ seat, phase, prompt }) => {
        if (phase === "vote") {
          return voteAll(prompt, "confirm");
        }
        return seat === 1 && !isFirst(prompt)
          ? { text: findingsReply(), model: stranger }
          : findingsReply();
      }),
      ["a", "b", "c"],
    );

    expect(outcome.reports[0]).toMatchObject({
      model: "a-1",
      error:
        "a-1 answered for a part of the change and other for another: a seat is of one family.",
    });
  });

  test("keeps what a seat found at first where its second turn brings less", async () => {
    let turns = 0;
    const outcome = await run(
      createScriptedPanel(({ seat, prompt }) => {
        if (seat !== 1) {
          return { fault: "auth" };
        }
        turns += 1;
        return isFirst(prompt) && turns <= 2
          ? found("src/one.ts", "The sum is compared exactly")
          : { fault: "network" };
      }),
      ["a", "b", "c"],
    );

    expect(outcome.candidates.map(({ claim }) => claim.path)).toEqual(["src/one.ts"]);
    expect(outcome.reports[0]).toMatchObject({ calls: 4, error: "It is network." });
  });

  test.each([
    [0, 1, "vote"],
    [1, 1, "refute"],
    [2, 0, "refute"],
  ])(
    "with %i seats that finished asks %i of the others again, to %s",
    async (...[finished, again, to]) => {
      const model = createScriptedPanel(({ seat }) =>
        seat <= finished ? findingsReply() : { fault: "network" },
      );
      const { isComplete, mode } = await run(model, ["a", "b", "c", "d"]);
      const second = model.requests.filter(({ tag }) => tag.occurrence === 2);

      expect(new Set(second.map(({ tag }) => tag.seat)).size).toBe(again);
      expect(model.requests).toHaveLength(packing.packs.length * (4 + again));
      expect(isComplete).toBe(false);
      expect(mode).toBe(to);
    },
  );

  test("says that nobody could confirm what the one seat that is left found", async () => {
    const outcome = await run(
      createScriptedPanel(({ seat }) =>
        seat === 1 ? found("src/one.ts", "The sum is compared exactly") : { fault: "auth" },
      ),
      ["a", "b", "c"],
    );

    expect(outcome.notes).toContain(
      "Too few seats for a vote: nobody could confirm what one seat found.",
    );
  });

  test("shows candidates of the own family last, also those of a seat that did not finish", async () => {
    const model = createScriptedPanel(({ seat, phase, prompt }) => {
      if (phase === "vote") {
        return voteAll(prompt, "confirm");
      }
      if (seat === 1 && !isFirst(prompt)) {
        return { fault: "bad_request" };
      }
      const own = seat === 1 ? "src/one.ts" : "src/two.ts";
      const isOwn = isFirst(prompt) === (own === "src/one.ts");
      return seat < 3 && isOwn ? found(own, `Fault of seat ${String(seat)}`) : findingsReply();
    });
    await run(model, ["a", "b", "a", "a", "a", "a"]);
    const kin = model.requests.filter(({ tag }) => tag.phase === "vote" && Number(tag.seat) > 2);

    expect(kin).toHaveLength(4);
    for (const { messages } of kin) {
      const prompt = messages.map(({ text }) => text).join("\n");
      expect(prompt.indexOf("Fault of seat 2")).toBeLessThan(prompt.indexOf("Fault of seat 1"));
    }
  });
});
