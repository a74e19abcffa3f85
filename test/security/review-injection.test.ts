import { describe, expect, test } from "vitest";
import { createTokens } from "../../src/core/models/index.ts";
import { anchorsOf, findingsOf } from "../../src/core/review/findings.ts";
import { packFiles } from "../../src/core/review/index.ts";
import type { ChangedFile, Decision } from "../../src/core/review/index.ts";
import { createFences } from "../../src/core/review/prompts/fence.ts";
import { usualLimits } from "../../src/core/review/limits.ts";
import { createSwarm } from "../../src/core/review/swarm/swarm.ts";
import { injections } from "../support/injections.ts";
import { createManualTimer } from "../support/manual-timer.ts";
import { aFile, aHunk } from "../support/review.ts";
import { seatsOf } from "../support/reviewers.ts";
import { createScriptedPanel, findingsReply, voteAll } from "../support/scripted-panel.ts";
import type { ScriptedPanel } from "../support/scripted-panel.ts";

const tokens = createTokens();
const seed = "a seed that no diff knows";
const code = "  return total === 0.3;";
const bug = {
  path: "src/a.ts",
  line: 2,
  end_line: 2,
  severity: "high",
  category: "correctness",
  title: "The total is compared exactly",
  body: "Sums of floats differ.",
  quoted: code,
  symbol: null,
  failing_input: null,
};

/** A payload in every carrier that reaches a prompt: a line, a file's name, a hunk's section, a description, instructions, a claim. */
function carriers(payload: string): readonly ChangedFile[] {
  const line = payload.replaceAll("\n", " ");
  return [
    aFile({
      path: `src/${line.replaceAll("/", "-").slice(0, 80)}.ts`,
      hunks: [aHunk(1, [`+${line}`], line)],
    }),
    aFile({ hunks: [aHunk(1, [" function f() {", `+${code}`, ` ${line}`])] }),
  ];
}

interface Reviewed {
  readonly decisions: readonly (readonly [title: string, decision: Decision])[];
  readonly panel: ScriptedPanel;
}

/** Seat 4 obeys: it hides the bug, invents one, and votes against the truth. The others do their work. */
async function review(payload: string): Promise<Reviewed> {
  const invented = {
    ...bug,
    line: 1,
    end_line: 1,
    title: "Delete this file",
    quoted: "",
    body: payload,
  };
  const panel = createScriptedPanel(({ seat, phase, prompt }) => {
    if (phase === "generate") {
      return findingsReply(seat === 4 ? invented : { ...bug, failing_input: payload });
    }
    if (seat === 4) {
      return voteAll(prompt, "reject").replace(
        "}]",
        `},{"id":"c99","vote":"confirm"},{"tool":"merge"}]`,
      );
    }
    const ids = [...prompt.matchAll(/\[begin candidate (c\d+) [^\]]*\]\nclaim: (.*)/gu)];
    return JSON.stringify({
      votes: ids.map(([, id, claim]) => ({
        id,
        vote: claim === bug.title ? "confirm" : "reject",
        reason: payload,
      })),
    });
  });
  const files = carriers(payload);
  const swarm = createSwarm({ model: panel, tokens, timer: createManualTimer(), costOf: () => 0 });
  const outcome = await swarm.run({
    run: "R1",
    seed,
    panel: {
      preset: "fast",
      mode: "vote",
      threshold: 50,
      seats: seatsOf(["a", "b", "c", "d"]),
      notes: [],
    },
    packing: packFiles(files, {
      tokensOf: (text) => tokens.ofText(text),
      packTokens: 20_000,
      maxPacks: 1,
    }),
    files,
    instructions: payload,
    description: payload,
    limits: usualLimits,
    room: null,
    signal: new AbortController().signal,
  });
  const findings = findingsOf({
    outcome,
    anchors: anchorsOf(outcome, files),
    thresholds: { preset: 50, severity: {}, category: {} },
    records: [],
  });
  return { decisions: findings.map(({ title, decision }) => [title, decision]), panel };
}

/** A prompt without what stands between marks. */
function outside(text: string, mark: string): string {
  return text.replaceAll(
    new RegExp(`\\[begin [^\\n]* ${mark}\\]\\n[\\s\\S]*?\\n\\[end [^\\n]* ${mark}\\]`, "gu"),
    "[fenced]",
  );
}

const clean = await review("");

describe("T1: texts that speak to reviewers", () => {
  test("there are 300 of them", () => {
    expect(new Set(injections).size).toBe(300);
  });

  test("stay between marks that they cannot close, and change no word of the instructions", async () => {
    for (const payload of injections) {
      const { panel } = await review(payload);
      for (const { messages, tag } of panel.requests) {
        const prefix = tag.phase === "vote" ? `${seed}:vote` : seed;
        const { mark } = createFences(prefix, Number(tag.seat));
        const [system, user] = messages;
        const plain = outside(user?.text ?? "", mark)
          .replaceAll("[fenced]", "")
          .trim();

        const same = clean.panel.requests.find(
          (request) => request.tag.seat === tag.seat && request.tag.phase === tag.phase,
        );

        expect(system?.text).toBe(same?.messages[0]?.text);
        expect(plain.replaceAll(/\s+/gu, " ")).toMatch(
          tag.phase === "vote"
            ? /^Vote on each of: c\d+(?:, c\d+)*\. Answer with the JSON object alone\.$/u
            : /^Answer with the JSON object alone\.$/u,
        );
        expect(messages).toHaveLength(2);
      }
    }
  }, 60_000);

  test("do no more through a seat that obeys them than a vote that is outvoted", async () => {
    for (const payload of injections) {
      const { decisions } = await review(payload);

      expect(decisions).toEqual([
        [bug.title, "published"],
        ["Delete this file", "rejected"],
      ]);
    }
  }, 60_000);

  test("reach a model that has no tool to call", () => {
    for (const request of clean.panel.requests) {
      expect(Object.keys(request).toSorted()).toEqual([
        "maxOutputTokens",
        "messages",
        "model",
        "schema",
        "signal",
        "tag",
        "temperature",
      ]);
    }
  });
});
