import { afterAll, afterEach, describe, expect, test } from "vitest";

import { reportSchema } from "../../src/core/review/index.ts";
import type { ReviewReport } from "../../src/core/review/index.ts";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer, ModelServerOptions } from "../support/model-servers/index.ts";
import {
  aBranchToReview,
  callMicroUsd,
  reviewEnv,
  scriptedReviewer,
  settingsFor,
} from "../support/review-stand.ts";
import type { CommandLine } from "./command-line.ts";

const servers: ModelServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(removeRepositories);

async function serve(options: ModelServerOptions): Promise<ModelServer> {
  const server = await startModelServer(options);
  servers.push(server);
  return server;
}

const finder = scriptedReviewer({ finds: true, invents: false });
const panel = "review: { panel: [big, mid, mid-too] }\n";

async function reviewed(line: CommandLine, words: string): Promise<ReviewReport> {
  const { out, err } = await line.skein(`review ${words} --json`, { env: reviewEnv });
  if (out === "") {
    throw new Error(err);
  }
  return reportSchema.parse(JSON.parse(out));
}

describe("skein review and its ledger", () => {
  test("counts what a retry cost to its seat, and its seats sum up to the total", async () => {
    const anthropic = await serve({
      reply: (call) => (call.number === 1 ? { kind: "cut", text: "{}" } : finder(call)),
    });
    const openai = await serve({ reply: finder });
    const line = aBranchToReview(settingsFor(anthropic, openai, panel));
    const report = await reviewed(line, "--base main");
    // The first found the bug first, and has no vote: its two calls are two tries of one.
    const [first, ...others] = report.seats;
    const micro = report.seats.map(({ cost_usd: usd }) => Math.round(usd * 1_000_000));
    const ledger = await line.json("cost --by model");

    expect(first).toMatchObject({ calls: 2, error: null });
    expect(others).toMatchObject([{ calls: 2 }, { calls: 2 }]);
    expect(micro.slice(1)).toEqual([2 * callMicroUsd, 2 * callMicroUsd]);
    expect(micro[0]).toBeGreaterThan(callMicroUsd);
    expect(micro.reduce((sum, each) => sum + each, 0)).toBe(
      Math.round(report.cost.usd * 1_000_000),
    );
    expect(ledger["total"]).toMatchObject({ usd: report.cost.usd });
  });
});
