import { afterAll, afterEach, describe, expect, test } from "vitest";

import { reportSchema } from "../../src/core/review/index.ts";
import type { ReviewReport } from "../../src/core/review/index.ts";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { fail, startModelServer } from "../support/model-servers/index.ts";
import type { Answer, ModelCall, ModelServer } from "../support/model-servers/index.ts";
import {
  aBranchToReview,
  bug,
  callMicroUsd,
  reviewEnv,
  scriptedReviewer,
} from "../support/review-stand.ts";

const servers: ModelServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(removeRepositories);

const finder = scriptedReviewer({ finds: true, invents: false });
const price = "{ input: 2, output: 10 }";

async function serve(reply: (call: ModelCall) => Answer): Promise<ModelServer> {
  const server = await startModelServer({ reply });
  servers.push(server);
  return server;
}

/** One good provider, a slow one, one that answers garbage, one that lets nobody in and one that is down; a model of a family each. */
async function settings(panel: string): Promise<string> {
  const good = await serve(finder);
  const slow = await serve((call) => ({ ...finder(call), delayMs: 700 }));
  const garbage = await serve(() => ({ kind: "garbage", body: "<html>confirm</html>" }));
  const shut = await serve(() => fail(401));
  const down = await serve(() => fail(503));
  const others = Object.entries({ slow, garbage, shut, down });
  return [
    "providers:",
    `  good: { kind: anthropic, base_url: "${good.url}", api_key: env:ANTHROPIC_TEST }`,
    ...others.map(
      ([name, { v1 }]) =>
        `  ${name}: { kind: openai-compatible, base_url: "${v1}", api_key: env:OPENAI_TEST }`,
    ),
    "models:",
    ...["good", ...Object.keys({ slow, garbage, shut, down })].map(
      (name) =>
        `  of-${name}: { provider: ${name}, id: m-${name}, family: f-${name}, size: large, price: ${price} }`,
    ),
    `review: { panel: [${panel}] }`,
    "",
  ].join("\n");
}

async function reviewed(
  panel: string,
): Promise<{ readonly code: number; readonly report: ReviewReport }> {
  const line = aBranchToReview(await settings(panel));
  const { code, out, err } = await line.skein("review --base main --json", { env: reviewEnv });
  if (out === "") {
    throw new Error(err);
  }
  return { code, report: reportSchema.parse(JSON.parse(out)) };
}

describe("skein review in an outage", () => {
  test("is incomplete and names each seat when too few answer", async () => {
    const { code, report } = await reviewed("of-good, of-slow, of-garbage, of-shut, of-down");
    const notes = report.notes.join(" ");

    expect(code).toBe(21);
    expect(report.verdict).toBe("incomplete");
    expect(report.seats.map(({ error }) => error === null)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(notes).toContain("Only 2 of 5 seats finished");
    for (const name of ["seat 3 (of-garbage)", "seat 4 (of-shut)", "seat 5 (of-down)"]) {
      expect(notes).toContain(name);
    }
    // The first to find it has no vote, the second confirmed by finding: one call each.
    const paid = report.seats.slice(0, 2).map(({ cost_usd: usd }) => Math.round(usd * 1_000_000));
    expect(paid.every((usd) => usd % callMicroUsd === 0 && usd > 0)).toBe(true);
    expect(report.seats[3]?.cost_usd).toBe(0);
    expect(report.seats[4]?.cost_usd).toBe(0);
  }, 60_000);

  test("lets the cheapest provider of the same family stand in, and charges its price", async () => {
    const shut = await serve(() => fail(401));
    const [dear, cheap] = [await serve(finder), await serve(finder)];
    const line = aBranchToReview(
      [
        "providers:",
        ...Object.entries({ shut, dear, cheap }).map(
          ([name, { url }]) =>
            `  p-${name}: { kind: anthropic, base_url: "${url}", api_key: env:ANTHROPIC_TEST }`,
        ),
        "models:",
        ...Object.entries({ shut: 2, dear: 9, cheap: 2 }).map(
          ([name, input]) =>
            `  ${name}: { provider: p-${name}, id: m-${name}, family: claude, size: large, price: { input: ${String(input)}, output: ${String(5 * input)} } }`,
        ),
        "review: { panel: [shut, shut] }",
        "chains: { review: [p-dear, p-cheap] }",
        "",
      ].join("\n"),
    );

    const { out } = await line.skein("review --base main --json", { env: reviewEnv });
    const report = reportSchema.parse(JSON.parse(out));

    expect(dear.calls).toEqual([]);
    expect(cheap.calls.length).toBeGreaterThanOrEqual(2);
    expect(report.seats.map(({ error }) => error)).toEqual([null, null]);
    expect(Math.round(report.cost.usd * 1_000_000)).toBe(cheap.calls.length * callMicroUsd);
  });

  test("publishes what two thirds of the seats voted through, the slow ones too", async () => {
    const { code, report } = await reviewed(
      "of-good, of-good, of-slow, of-slow, of-garbage, of-shut",
    );

    expect(code).toBe(20);
    expect(report).toMatchObject({
      verdict: "changes",
      findings: [{ title: bug.title, decision: "published", proposers: [1, 2, 3, 4] }],
    });
    expect(report.seats.map(({ error }) => error === null)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  }, 60_000);
});
