import { describe, expect, test } from "vitest";
import { createTokens } from "../../../../src/core/models/index.ts";
import { reserving } from "../../../../src/core/models/policies/reserving.ts";
import { anchorsOf, findingsOf, verdictOf } from "../../../../src/core/review/findings.ts";
import type { Finding, Seat } from "../../../../src/core/review/index.ts";
import { packFiles, usualLimits } from "../../../../src/core/review/index.ts";
import type { SwarmEvent } from "../../../../src/core/review/swarm/progress.ts";
import type { SwarmOutcome, SwarmRequest } from "../../../../src/core/review/swarm/request.ts";
import { createSwarm } from "../../../../src/core/review/swarm/swarm.ts";
import { createManualTimer } from "../../../support/manual-timer.ts";
import { recordingLedger } from "../../../support/models.ts";
import { aFile, aHunk } from "../../../support/review.ts";
import { aModel, seatsOf } from "../../../support/reviewers.ts";
import { createScriptedPanel, findingsReply, voteAll } from "../../../support/scripted-panel.ts";
import type { ScriptedPanel } from "../../../support/scripted-panel.ts";

const code = "  for (let i = 0; i < payments.length - 1; i += 1) {";
const files = [
  aFile({
    path: "src/pay.ts",
    hunks: [aHunk(8, [" function settle() {", "-  for (const p of payments) {", `+${code}`, " }"])],
  }),
  aFile({ path: "src/other.ts", hunks: [aHunk(1, ["+export const x = 1;"])] }),
];
const bug = {
  path: "src/pay.ts",
  line: 9,
  end_line: 9,
  severity: "high",
  category: "correctness",
  title: "Off-by-one skips the last payment",
  body: "The loop ends one early.",
  quoted: code,
  symbol: "settle",
  failing_input: null,
};
const wrong = {
  ...bug,
  path: "src/other.ts",
  line: 1,
  title: "x is never used",
  quoted: "const x",
  symbol: null,
};
const tokens = createTokens();
const packing = packFiles(files, {
  tokensOf: (text) => tokens.ofText(text),
  packTokens: 20_000,
  maxPacks: 4,
});
const timer = createManualTimer();

interface Options extends Partial<SwarmRequest> {
  readonly seats?: readonly Seat[];
}

function request({ seats = seatsOf(["a", "b", "c", "a"]), ...odd }: Options = {}): SwarmRequest {
  return {
    run: "R1",
    seed: "seed",
    panel: {
      preset: "fast",
      mode: seats.length <= 2 ? "refute" : "vote",
      threshold: 60,
      seats,
      notes: [],
    },
    packing,
    files,
    instructions: "",
    description: "",
    limits: usualLimits,
    room: null,
    signal: new AbortController().signal,
    ...odd,
  };
}

async function run(model: ScriptedPanel, options: Options = {}): Promise<SwarmOutcome> {
  const swarm = createSwarm({
    model,
    tokens,
    timer,
    costOf: (_, usage) => usage.inputTokens + usage.outputTokens * 10,
    onBug: (error) => {
      throw error;
    },
  });
  return swarm.run(request(options));
}

function findings(outcome: SwarmOutcome): readonly Finding[] {
  return findingsOf({
    outcome,
    anchors: anchorsOf(outcome, files),
    records: [],
    thresholds: { preset: 60, severity: {}, category: {} },
  });
}

/** Seat 1 and 3 find the bug, seat 2 something that is none; all confirm the one and reject the other. */
const honest = createHonest();
function createHonest(): ScriptedPanel {
  return createScriptedPanel(({ seat, phase, prompt }) => {
    if (phase === "generate") {
      return findingsReply(...(seat === 2 ? [wrong] : seat === 4 ? [] : [bug]));
    }
    const ids = [...prompt.matchAll(/\[begin candidate (c\d+) [^\]]*\]\nclaim: (.*)/gu)];
    return JSON.stringify({
      votes: ids.map(([, id, claim]) => ({
        id,
        vote: claim?.startsWith("Off-by-one") === true ? "confirm" : "reject",
        reason: "looked",
      })),
    });
  });
}

describe("createSwarm", () => {
  test("publishes what the others confirm and rejects what they refute", async () => {
    const outcome = await run(honest);
    const found = findings(outcome);

    expect(found.map(({ title, decision, support }) => [title, decision, support])).toEqual([
      ["Off-by-one skips the last payment", "published", 1_000],
      ["x is never used", "rejected", 0],
    ]);
    expect(found[0]).toMatchObject({ placement: "line", line: 9, proposers: [1, 3], state: "new" });
    expect(found[0]?.ballots.map(({ seat }) => seat)).toEqual([2, 3, 4]);
    expect(verdictOf(found, outcome.isComplete)).toBe("changes");
    expect(outcome.notes).toEqual([]);
  });

  test("takes over what two who confirm say otherwise, and keeps what was said first", async () => {
    const outcome = await run(
      createScriptedPanel(({ seat, phase }) => {
        if (phase === "generate") {
          return findingsReply(...(seat === 1 ? [{ ...bug, severity: "critical" }] : []));
        }
        const votes = [{ id: "c1", vote: "confirm", reason: "so it is" }];
        const corrections = [{ id: "c1", severity: "medium", title: "The loop skips a payment" }];
        return JSON.stringify({ votes, corrections: seat < 4 ? corrections : [] });
      }),
    );
    const [found] = findings(outcome);

    expect(found).toMatchObject({ severity: "critical", decision: "published", proposers: [1] });
    expect(found?.title).toBe("The loop skips a payment");
    expect(found?.original?.title).toBe(bug.title);
    expect(found?.ballots.map(({ correction }) => correction?.severity)).toEqual([
      "medium",
      "medium",
      undefined,
    ]);
  });

  test("asks every seat once a phase and counts each call", async () => {
    const { reports, cost } = await run(createHonest());

    expect(reports.map(({ calls }) => calls)).toEqual([2, 2, 2, 2]);
    expect(cost).toEqual({
      microUsd: 16_000,
      inputTokens: 8_000,
      outputTokens: 800,
      savedMicroUsd: 0,
    });
  });

  test("reads warmly with 1,500 tokens, and votes coldly with 60 a candidate and 60 a correction", async () => {
    const panel = createHonest();
    await run(panel);
    const asked = panel.requests.map(({ tag, temperature, maxOutputTokens }) =>
      JSON.stringify([tag.phase, temperature, maxOutputTokens]),
    );

    // Seats 1 and 2 vote on what the other proposed; seats 3 and 4 on both. The frame takes 40.
    expect([...new Set(asked)].toSorted()).toEqual([
      '["generate",0.8,1500]',
      '["vote",0.1,160]',
      '["vote",0.1,280]',
    ]);
  });

  test("reads, votes and sets aside as the limits say; what a model thinks is on top", async () => {
    const panel = createHonest();
    const ledger = recordingLedger();
    const [first, ...others] = seatsOf(["a", "b", "c", "a"]);
    const thinker = aModel({
      name: "thinker",
      takes: { ...aModel().takes, thinkingTokens: 4_096 },
    });
    const seats = first === undefined ? others : [{ ...first, model: thinker }, ...others];
    const model = { ...panel, ...reserving({ ledger, tokens })(panel) };
    await run(model, {
      seats,
      limits: { generateTokens: 900, ballotTokens: 100, candidates: 20 },
    });

    const asked = panel.requests.map(({ tag, maxOutputTokens }) => [tag.phase, maxOutputTokens]);
    const aside = ledger.reserved.map(({ tag, outputTokens }) => [
      `${tag.phase} ${tag.seat}`,
      outputTokens,
    ]);
    expect(new Set(asked.map((each) => each.join(" ")))).toEqual(
      new Set(["generate 900", "vote 240", "vote 440"]),
    );
    expect(Object.fromEntries(aside)).toEqual({
      "generate 1": 900 + 4_096,
      "generate 2": 900,
      "generate 3": 900,
      "generate 4": 900,
      "vote 1": 240 + 4_096,
      "vote 2": 240,
      "vote 3": 440,
      "vote 4": 440,
    });
  });

  test.each([
    [20, 12],
    [6, 26],
    [1, 31],
  ])(
    "puts at most %i candidates to the vote, and tells of the %i others by whole names",
    async (most, left) => {
      // Words of their own each, or they would be one finding with many places.
      const words = Array.from({ length: 32 }, (_, at) =>
        [3, 4, 5].map((times) => String.fromCodePoint(0x61 + (at % 26)).repeat(times + (at >> 3))),
      );
      const claims = words.map((own, at) => ({
        ...wrong,
        path: `src/part-${String(at)}.ts`,
        title: own.join(" "),
        body: own.join(" and "),
        quoted: `"${own.join("")}"`,
      }));
      const changed = claims.map(({ path, quoted }) =>
        aFile({ path, hunks: [aHunk(1, [`+${quoted}`])] }),
      );
      const panel = createScriptedPanel(({ seat, phase, prompt }) =>
        phase === "generate"
          ? findingsReply(...claims.slice((seat - 1) * 8, seat * 8))
          : voteAll(prompt, "reject"),
      );

      const limits = { ...usualLimits, candidates: most };
      const outcome = await run(panel, { files: changed, limits });

      const shown = panel.requests
        .filter(({ tag }) => tag.phase === "vote")
        .flatMap(({ messages }) => messages)
        .flatMap(({ text }) => [...text.matchAll(/\[begin candidate (c\d+) /gu)]);
      const notes = outcome.notes.join(" ");
      expect(outcome.clusters).toHaveLength(32);
      expect(new Set(shown.map(([, id]) => id)).size).toBe(most);
      const [note = "", more = 0] =
        /Not put to the vote: (?:src\/part-\d+\.ts:1(?:, )?)+(?: and (\d+) more)?\./u.exec(notes) ??
        [];
      expect((note.match(/src\/part-/gu) ?? []).length + Number(more)).toBe(left);
      expect(note.length).toBeLessThanOrEqual(500);
    },
  );

  test("tells of each seat as it answers", async () => {
    const events: SwarmEvent[] = [];
    await run(createHonest(), { onEvent: (event) => events.push(event) });

    expect(events.map(({ kind }) => kind)).toEqual([
      "phase_started",
      ...Array.from({ length: 4 }, () => "seat_answered"),
      "pooled",
      "phase_started",
      ...Array.from({ length: 4 }, () => "seat_answered"),
    ]);
  });

  test("names seats that fail, and is incomplete when a third and more did", async () => {
    const outcome = await run(
      createScriptedPanel(({ seat, phase, prompt }) => {
        if (seat > 2) {
          return { fault: "overloaded" };
        }
        return phase === "generate" ? findingsReply(bug) : voteAll(prompt, "confirm");
      }),
    );

    expect(outcome.isComplete).toBe(false);
    expect(outcome.reports.map(({ error }) => error)).toEqual([
      null,
      null,
      "It is overloaded.",
      "It is overloaded.",
    ]);
    expect(outcome.notes.join(" ")).toContain("seat 3 (c-3) did not review");
    expect(outcome.mode).toBe("refute");
    expect(findings(outcome)[0]?.decision).toBe("advisory");
  });

  test("counts garbage as nothing: no candidate, no vote, a named seat", async () => {
    const outcome = await run(
      createScriptedPanel(({ seat, phase, prompt }) => {
        if (phase === "generate") {
          return seat === 4 ? "I looked, it is fine" : findingsReply(...(seat === 1 ? [bug] : []));
        }
        return seat === 2 ? voteAll(prompt, "confirm") : "confirm confirm confirm";
      }),
    );

    expect(outcome.isComplete).toBe(false);
    expect(outcome.reports[3]?.error).toMatch(/holds no list of findings/u);
    expect(outcome.reports[2]?.error).toMatch(/holds no list of votes/u);
    expect(findings(outcome)[0]?.decision).toBe("unconfirmed");
  });

  test.each([
    ["for a fault that stays", "auth", undefined],
    ["where it may not", "network", false],
  ] as const)("asks nobody again %s", async (_, fault, mayFallBack) => {
    const model = createScriptedPanel(() => ({ fault }));
    await run(model, { mayFallBack });

    expect(model.requests).toHaveLength(4);
  });

  test.each([
    [30_000, { phaseMs: 30_000 }],
    [130_000, {}],
  ])("ends a phase after %i ms, and says which seats were late", async (ms, odd) => {
    const pending = run(
      createScriptedPanel(({ seat, phase, prompt }) =>
        seat === 4
          ? { hang: true }
          : phase === "generate"
            ? findingsReply(bug)
            : voteAll(prompt, "confirm"),
      ),
      odd,
    );
    await timer.advance(ms - 1);
    expect(timer.sleepers()).toBe(1);
    await timer.advance(1);
    const outcome = await pending;

    expect(outcome.reports[3]?.error).toBe(
      `It did not answer within the phase's ${String(ms / 1_000)} s.`,
    );
    expect(outcome.isComplete).toBe(true);
    expect(findings(outcome)[0]?.decision).toBe("published");
    expect(timer.sleepers()).toBe(0);
  });

  test("stops all calls when it is given up, and ends with what there is", async () => {
    const stop = new AbortController();
    const model = createScriptedPanel(({ seat }) =>
      seat === 1 ? findingsReply(bug) : { hang: true },
    );
    const pending = run(model, { signal: stop.signal });
    await timer.advance(1);
    stop.abort();
    const outcome = await pending;

    expect(model.requests).toHaveLength(4);
    expect(outcome.isComplete).toBe(false);
    expect(outcome.notes.at(-1)).toBe("The review was stopped before its end.");
    expect(findings(outcome)[0]?.decision).toBe("unconfirmed");
  });

  test("renames a seat that another family answered, and counts the quorum anew", async () => {
    const other = aModel({ name: "spare", family: "a", weight: 700 });
    const outcome = await run(
      createScriptedPanel(({ seat, phase, prompt }) => {
        const text =
          phase === "generate"
            ? findingsReply(...(seat === 1 ? [bug] : []))
            : voteAll(prompt, "confirm");
        return seat === 2 || seat === 3 ? { text, model: other } : text;
      }),
    );

    expect(outcome.reports[1]).toMatchObject({ model: "spare", family: "a", weight: 700 });
    expect(outcome.notes.join(" ")).toContain("seat 2 (spare) answered in place of b-2");
    expect(findings(outcome)[0]?.decision).toBe("single-family");
  });

  test("asks nobody when the budget does not hold the smallest swarm", async () => {
    const model = createHonest();
    const outcome = await run(model, { room: { of: "pr:7", microUsd: 10 } });

    expect(model.requests).toEqual([]);
    expect(outcome.isComplete).toBe(false);
    expect(outcome.notes[0]).toMatch(
      /^The budget of pr:7 has 0\.00001 USD left, and the smallest swarm may cost [\d.]+ USD: no seat was asked/u,
    );
    expect(outcome.reports[0]?.error).toMatch(/^Nobody was asked/u);
  });

  test("gives up seats for a budget and names them; a third and more makes it incomplete", async () => {
    const model = createHonest();
    const swarm = createSwarm({
      model,
      tokens,
      timer,
      costOf: (_, usage) => usage.inputTokens + usage.outputTokens * 10,
    });
    const whole = swarm.estimate(request()).worst;
    const outcome = await swarm.run(
      request({ room: { of: "day:2026-01-01", microUsd: whole - 1 } }),
    );

    expect(outcome.reports.filter(({ calls }) => calls === 0)).toMatchObject([
      { seat: 4, error: "It was not asked: the budget does not hold its calls." },
    ]);
    expect(outcome.isComplete).toBe(true);
    expect(outcome.notes[0]).toMatch(
      /^The budget of day:2026-01-01 has 0\.20\d+ USD left, less than the whole panel may cost: not asked were seat 4 \(\S+\)\.$/u,
    );
  });

  test("publishes what there is when the budget ends it between two phases", async () => {
    const outcome = await run(
      createScriptedPanel(({ seat, phase, prompt }) => {
        if (phase === "generate") {
          return findingsReply(bug);
        }
        return seat === 4 ? { fault: "budget" } : voteAll(prompt, "confirm");
      }),
    );

    expect(outcome.notes).toEqual(["seat 4 (a-4) did not vote: It is budget."]);
    expect(findings(outcome)[0]?.decision).toBe("published");
  });

  test("reads nothing and passes when there is nothing to read", async () => {
    const model = createHonest();
    const outcome = await run(model, { packing: { packs: [], unseen: [], files: 0, hunks: 0 } });

    expect(outcome.notes).toEqual([expect.stringMatching(/^There was nothing to review: /u)]);

    expect(model.requests).toEqual([]);
    expect(verdictOf(findings(outcome), outcome.isComplete)).toBe("pass");
  });

  test("lets two seats refute each other", async () => {
    const outcome = await run(
      createScriptedPanel(({ seat, phase, prompt }) => {
        if (phase === "generate") {
          return findingsReply(seat === 1 ? bug : wrong);
        }
        return voteAll(prompt, seat === 2 ? "confirm" : "reject");
      }),
      { seats: seatsOf(["a", "b"]) },
    );

    expect(findings(outcome).map(({ decision }) => decision)).toEqual(["advisory", "rejected"]);
    expect(verdictOf(findings(outcome), outcome.isComplete)).toBe("pass");
  });

  test("puts at most twenty candidates to the vote, the worst first, and names the others", async () => {
    const outcome = await run(
      createScriptedPanel(({ seat, phase, prompt }) => {
        const many = Array.from({ length: 12 }, (_, index) => ({
          ...wrong,
          title: `fault${String(seat)} kind${String(index)} of${String(seat * 100 + index)}`,
          path: `src/f${String(seat * 100 + index)}.ts`,
          severity: index === 0 ? "critical" : "low",
        }));
        return phase === "generate" ? findingsReply(...many) : voteAll(prompt, "confirm");
      }),
    );
    const found = findings(outcome);

    expect(found).toHaveLength(48);
    expect(found.filter(({ decision }) => decision === "published")).toHaveLength(20);
    expect(found.slice(0, 4).every(({ decision }) => decision === "published")).toBe(true);
    expect(outcome.notes.join(" ")).toContain("Not put to the vote: src/f");
  });

  test("puts what an honest seat found to the vote, however much one seat calls critical", async () => {
    const outcome = await run(
      createScriptedPanel(({ seat, phase, prompt }) => {
        const flood = Array.from({ length: 20 }, (_, index) => ({
          ...wrong,
          title: `panic${String(index)} of${String(index * 7)} kind${String(index)}`,
          path: `src/f${String(index)}.ts`,
          severity: "critical",
        }));
        return phase === "generate"
          ? findingsReply(...(seat === 1 ? flood : seat === 2 ? [bug] : []))
          : voteAll(prompt, "confirm");
      }),
    );

    expect(outcome.clusters).toHaveLength(21);
    expect(findings(outcome).find(({ title }) => title === bug.title)?.decision).toBe("published");
  });
});
