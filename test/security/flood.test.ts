import { describe, expect, test } from "vitest";

import { createCallLedger } from "../../src/core/index.ts";
import { priceRow } from "../../src/core/costs/index.ts";
import type { Permission, User } from "../../src/core/hosting/index.ts";
import type { PlannedCall } from "../../src/core/models/index.ts";
import { createPullReviews } from "../../src/core/pull-reviews/index.ts";
import type { ReviewedPull, Trigger } from "../../src/core/pull-reviews/index.ts";
import { systemRandom } from "../../src/adapters/process/clock.ts";
import { createStand } from "../support/coordination.ts";
import { aBoard, aPull, grace, pullHost, skeinBot, stranger } from "../support/pull-host.ts";
import { aPolicy } from "../support/pull-policy.ts";
import { aFile, aFinding, aResult } from "../support/review.ts";
import { openMemoryStore } from "../support/stores.ts";

const events = 10_000;

/** The same numbers in every run. */
function rolls(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const robot: User = { id: 9, login: "noisy[bot]", kind: "bot" };

/** What people, bots and GitHub itself can set off at a pull request. */
function triggers(roll: (below: number) => number): Trigger {
  const kinds = ["opened", "pushed", "ready", "swept"] as const;
  const who: readonly (readonly [User, Permission])[] = [
    [grace, "write"],
    [stranger, "read"],
    [robot, "write"],
    [skeinBot, "write"],
  ];
  const [by, permission] = who[roll(who.length)] ?? [stranger, "none"];
  const ask = { by, permission, isFull: roll(2) === 0, preset: null, sha: null };
  const asked = ["labeled", "asked", "dispatched"] as const;
  return roll(3) === 0
    ? { kind: asked[roll(3)] ?? "asked", ask }
    : { kind: kinds[roll(kinds.length)] ?? "pushed" };
}

describe(`a flood of ${String(events)} events`, () => {
  test("at one pull request costs no more than its budget and leaves one comment", async () => {
    const roll = rolls(22);
    const board = aBoard();
    const policy = aPolicy({ runLimit: 500_000, pullRequestLimit: 3_000_000 });
    let spent = 0;
    let reviewed = 0;
    const reviews = createPullReviews({
      host: pullHost(board),
      policy,
      sign: null,
      random: systemRandom,
      refuse: null,
      learn: null,
      // As far as its ledger lets it, which is what is left of the smaller of the two limits.
      review: async ({ pull, spentBefore }): Promise<ReviewedPull> => {
        const most = Math.min(500_000, Math.max(0, 3_000_000 - spentBefore));
        const cost = roll(most + 1);
        spent += cost;
        reviewed += 1;
        if (roll(5) === 0) {
          throw new Error("the runner is gone");
        }
        const result = aResult({ findings: [aFinding()] });
        const { sha: head } = pull.head;
        const paid = { ...result, head, cost: { ...result.cost, microUsd: cost } };
        return Promise.resolve({ result: paid, files: [aFile()], mode: "full" });
      },
    });
    const idle = new AbortController().signal;

    for (let event = 0; event < events; event += 1) {
      if (roll(2) === 0) {
        const sha = event.toString(16).padStart(40, "a");
        const head = { ...aPull().head, sha };
        board.pull = aPull({ head, isDraft: roll(10) === 0, isFork: roll(10) === 0 });
      }
      await reviews.run(12, triggers(roll), idle).catch(() => null);
    }

    expect(reviewed).toBeGreaterThan(5);
    expect(spent).toBeGreaterThan(0);
    expect(spent).toBeLessThanOrEqual(3_000_000);
    expect(board.comments).toHaveLength(1);
    expect(board.replies).toEqual([]);
  }, 120_000);

  test("of one author at many pull requests costs no more than the author's day, and all together no more than the day", async () => {
    const roll = rolls(23);
    const stand = await createStand(openMemoryStore);
    const limits = { run: 40_000, pullRequest: 200_000, authorDay: 500_000, day: 1_200_000 };
    const spent = new Map<string, number>();

    for (let event = 0; event < events; event += 1) {
      const author = String(roll(5));
      const purpose = { session: null, plan: null, task: null, pr: roll(300), issue: null, author };
      const ledger = createCallLedger({ ...deps(stand), purpose, limits });
      const planned = call(`R${String(event)}`);
      const reserved = await ledger.reserve(planned);
      if (reserved.kind === "granted") {
        const outputTokens = roll(planned.outputTokens + 1);
        const usage = { inputTokens: 1_000, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 };
        await ledger.settle(reserved.grant, { outcome: "answered", usage });
        spent.set(author, (spent.get(author) ?? 0) + 1_000 + outputTokens * 10);
      }
    }

    const sums = [...spent.values()];
    expect(sums.length).toBe(5);
    expect(Math.max(...sums)).toBeLessThanOrEqual(limits.authorDay);
    expect(sums.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(limits.day);
    const held = await stand.store.read(async (reader) => stand.costs.total(reader));
    expect(held.microUsd).toBe(sums.reduce((sum, each) => sum + each, 0));
  }, 240_000);
});

function deps({ store, costs }: Awaited<ReturnType<typeof createStand>>) {
  const price = priceRow("m", { input: 1, output: 10, cacheRead: 0.1, cacheWrite: 1 });
  return { store, costs, priceOf: () => price, actor: "system" as const };
}

function call(run: string): PlannedCall {
  return {
    tag: { run, seat: "1", phase: "generate", occurrence: 1 },
    model: {
      name: "m",
      provider: "p",
      id: "m",
      family: "f",
      size: "large",
      weight: 1_000,
      takes: {
        temperature: true,
        reasoning: null,
        tokenParameter: "max_tokens",
        thinkingTokens: 0,
        headers: {},
      },
    },
    attempt: 1,
    inputTokens: 1_000,
    outputTokens: 1_000,
  };
}
