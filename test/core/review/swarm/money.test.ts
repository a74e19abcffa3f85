import { describe, expect, test } from "vitest";
import { createCallLedger } from "../../../../src/core/index.ts";
import type { RunLedger } from "../../../../src/core/index.ts";
import { priceOf, priceRow } from "../../../../src/core/costs/index.ts";
import { createTokens } from "../../../../src/core/models/index.ts";
import type { LanguageModel, PlannedCall } from "../../../../src/core/models/index.ts";
import { reserving } from "../../../../src/core/models/policies/reserving.ts";
import type { SwarmRequest } from "../../../../src/core/review/swarm/request.ts";
import { createSwarm } from "../../../../src/core/review/swarm/swarm.ts";
import { createStand } from "../../../support/coordination.ts";
import type { CoordinationStand } from "../../../support/coordination.ts";
import { createManualTimer } from "../../../support/manual-timer.ts";
import { aModel } from "../../../support/reviewers.ts";
import { createScriptedPanel, findingsReply, voteAll } from "../../../support/scripted-panel.ts";
import { openMemoryStore } from "../../../support/stores.ts";
import { aSwarmRequest, bug } from "../../../support/swarm-request.ts";

const price = priceRow("m", { input: 1, output: 10, cacheRead: 0.1, cacheWrite: 1 });
const tokens = createTokens();

function aLedger({ store, costs }: CoordinationStand, limit: number): RunLedger {
  return createCallLedger({
    store,
    costs,
    priceOf: () => price,
    purpose: { session: null, plan: null, task: null, pr: 7, issue: null, author: null },
    limits: { pullRequest: limit },
    actor: "person:eve",
  });
}

/** `meanwhile` has ended before any vote's money is asked for. */
function swarmOf(model: LanguageModel, ledger: RunLedger, meanwhile?: () => Promise<void>) {
  const paying = reserving({ ledger, tokens })(model);
  let happened: Promise<void> | undefined;
  return createSwarm({
    model: {
      generate: async (asked) => {
        if (asked.tag.phase === "vote") {
          happened ??= meanwhile?.();
          await happened;
        }
        return paying.generate(asked);
      },
    },
    tokens,
    timer: createManualTimer(),
    costOf: (_, usage) => priceOf(usage, price),
    money: ledger,
  });
}

function request(limit: number, signal = new AbortController().signal): SwarmRequest {
  const room = { of: "pr:7", microUsd: limit } as const;
  return aSwarmRequest(["a", "b", "c", "d"], { room, signal });
}

/** Takes all that is there, cent after cent. */
async function takeAll(ledger: RunLedger): Promise<number> {
  const cent: PlannedCall = {
    tag: { run: "R9", seat: "1", phase: "generate", occurrence: 1 },
    model: aModel(),
    attempt: 1,
    inputTokens: 10_000,
    outputTokens: 0,
  };
  for (let count = 0; ; count += 1) {
    const { kind } = await ledger.reserve(cent);
    if (kind === "refused") {
      return count;
    }
  }
}

async function sums({ store, costs }: CoordinationStand): Promise<readonly (number | undefined)[]> {
  const budget = await store.read(async (reader) => costs.budget(reader, "pr:7"));
  return [budget?.reservedMicroUsd, budget?.spentMicroUsd];
}

async function setAsideFor({ store }: CoordinationStand): Promise<unknown> {
  return store.read(async (reader) =>
    reader.get(
      "SELECT COUNT(*) AS runs, COUNT(ended_at_ms) AS ended FROM call_reservations WHERE phase = 'all'",
      [],
    ),
  );
}

describe("the money of a swarm", () => {
  test("holds for the votes, whatever others take when the seats have read", async () => {
    const stand = await createStand(openMemoryStore);
    const limit = 400_000;
    let taken = -1;
    const panel = createScriptedPanel(({ seat, phase, prompt }) =>
      phase === "generate"
        ? findingsReply(...(seat === 1 ? [bug] : []))
        : voteAll(prompt, "confirm"),
    );
    const swarm = swarmOf(panel, aLedger(stand, limit), async () => {
      taken = await takeAll(aLedger(stand, limit));
    });

    const outcome = await swarm.run(request(limit));

    expect(taken).toBeGreaterThan(0);
    expect(outcome.reports.map(({ error }) => error)).toEqual([null, null, null, null]);
    expect(outcome.votes).toHaveLength(3);
    const [reserved] = await sums(stand);
    expect(reserved).toBe(taken * 10_000);
  });

  test("holds as many candidates to the vote as it has room for, of those the worst", async () => {
    const panel = createScriptedPanel(({ seat, phase, prompt }) => {
      const many = Array.from({ length: 8 }, (_, index) => ({
        ...bug,
        path: `src/f${String(seat)}${String(index)}.ts`,
        title: `fault${String(seat)} kind${String(index)} of${String(seat * 100 + index)}`,
        severity: index === 0 ? "critical" : "low",
      }));
      return phase === "generate" ? findingsReply(...many) : voteAll(prompt, "confirm");
    });
    const stand = await createStand(openMemoryStore);
    const { worst } = swarmOf(panel, aLedger(stand, 1)).estimate(request(1_000_000_000));
    const limit = Math.floor(worst / 2);
    const swarm = swarmOf(panel, aLedger(stand, limit));
    const { seats, candidates } = swarm.estimate(request(limit));

    const outcome = await swarm.run(request(limit));
    const voted = new Set(outcome.votes.map(({ cluster }) => cluster));
    const worstOnes = outcome.clusters.filter(
      ({ primary }) => primary.claim.severity === "critical",
    );

    expect(seats).toHaveLength(3);
    expect(candidates).toBeLessThan(20);
    expect(voted.size).toBe(candidates);
    expect(worstOnes.map(({ id }) => voted.has(id))).toEqual([true, true, true]);
  });

  test("is let go when the swarm is stopped", async () => {
    const stand = await createStand(openMemoryStore);
    const stop = new AbortController();
    const panel = createScriptedPanel(() => {
      stop.abort();
      return findingsReply(bug);
    });

    const outcome = await swarmOf(panel, aLedger(stand, 400_000)).run(
      request(400_000, stop.signal),
    );

    expect(outcome.wasStopped).toBe(true);
    expect(await sums(stand)).toEqual([0, expect.any(Number)]);
    expect(await setAsideFor(stand)).toEqual({ runs: 1, ended: 1 });
  });

  test("is what is left now: a seat is given up where others were quicker", async () => {
    const stand = await createStand(openMemoryStore);
    const panel = createScriptedPanel(({ phase, prompt }) =>
      phase === "generate" ? findingsReply(bug) : voteAll(prompt, "confirm"),
    );
    const swarm = swarmOf(panel, aLedger(stand, 400_000));
    const { worst } = swarm.estimate(request(1_000_000_000));
    // What was looked at when the review was asked for is not there any more.
    const limit = worst - 1;

    const outcome = await swarmOf(panel, aLedger(stand, limit)).run(request(2 * worst));

    expect(outcome.reports.filter(({ calls }) => calls === 0)).toMatchObject([
      { error: "It was not asked: the budget does not hold its calls." },
    ]);
    expect(outcome.notes[0]).toMatch(/^The budget of pr:7 has /u);
  });
});
