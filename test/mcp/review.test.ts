import { afterEach, describe, expect, test } from "vitest";
import { createMcpStand } from "../support/mcp-client.ts";
import type { McpAgent, McpStand } from "../support/mcp-client.ts";
import { startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer, ModelServerOptions } from "../support/model-servers/index.ts";
import {
  after,
  before,
  bug,
  callMicroUsd,
  reviewEnv,
  scriptedReviewer,
  settingsFor,
} from "../support/review-stand.ts";

const stands: McpStand[] = [];
const servers: ModelServer[] = [];

afterEach(async () => {
  await Promise.all(stands.splice(0).map(async (stand) => stand.close()));
  await Promise.all(servers.splice(0).map(async (server) => server.close()));
});

const finder = scriptedReviewer({ finds: true, invents: false });
const reader = scriptedReviewer({ finds: false, invents: false });

interface Scene {
  readonly agent: McpAgent;
  readonly calls: () => number;
  readonly close: () => Promise<void>;
}

/** Four seats read; the one that found the bug has nothing to vote on. */
const callsOfReview = 7;

/** A branch with the planted bug, two providers, and an agent on it. */
async function scene(
  reply: NonNullable<ModelServerOptions["reply"]> = finder,
  more = "",
): Promise<Scene> {
  const anthropic = await startModelServer({ reply });
  const openai = await startModelServer({ reply: reply === finder ? reader : reply });
  servers.push(anthropic, openai);
  const stand = await createMcpStand();
  stands.push(stand);
  const { repository } = stand;
  const { root } = repository;
  repository.write(
    "skein.yml",
    settingsFor(anthropic, openai, `review: { preset: fast }\n${more}`),
  );
  repository.write("src/pay.ts", before);
  repository.git(root, "add", ".");
  repository.git(root, "commit", "--quiet", "-m", "Pay");
  repository.git(root, "checkout", "--quiet", "-b", "feature/pay");
  repository.write("src/pay.ts", after);
  repository.git(root, "commit", "--quiet", "-a", "-m", "Settle by index");
  const agent = await stand.connect({ env: reviewEnv });
  return {
    agent,
    calls: () => anthropic.calls.length + openai.calls.length,
    close: async () => agent.close(),
  };
}

describe("review_changes", () => {
  test("tells its progress, and answers with the whole result", async () => {
    const { agent, calls } = await scene();
    const told: { readonly progress: number; readonly total?: number | undefined }[] = [];
    const result = await agent.client.callTool(
      { name: "review_changes", arguments: {} },
      { onprogress: (progress) => told.push(progress) },
    );

    expect(result.structuredContent).toMatchObject({
      id: "R1",
      verdict: "changes",
      findings: [
        {
          id: "F1",
          at: "src/pay.ts:3",
          severity: "high",
          title: bug.title,
          decision: "published",
          support: 100,
        },
      ],
      usd: (callsOfReview * callMicroUsd) / 1_000_000,
      notes: ["Rule: 50 % of 3 weighted votes = 2 of 3."],
    });
    expect(calls()).toBe(callsOfReview);
    // A word for each call, for the beginning of each phase and for the pooling. The protocol wants each to be more than the one before.
    const steps = callsOfReview + 3;
    const from = steps + 1 - told.length;
    expect(told.at(-1)).toMatchObject({ progress: steps, total: steps });
    expect(told.length).toBeGreaterThan(callsOfReview);
    expect(told.map(({ progress }) => progress)).toEqual(told.map((_, at) => from + at));
  });

  test("answers with a kept review by its id, and refuses one that is not there", async () => {
    const { agent, calls } = await scene();
    await agent.call("review_changes");
    const again = await agent.call("review_changes", { id: "R1" });
    const missing = await agent.call("review_changes", { id: "R7" });

    expect(again).toMatchObject({ id: "R1", verdict: "changes" });
    expect(missing).toMatchObject({ error: { code: "SKN-5871" } });
    expect(calls()).toBe(callsOfReview);
  });

  test("takes another preset, and a budget that it never passes", async () => {
    const { agent, calls } = await scene();
    const quick = await agent.call("review_changes", { preset: "quick" });
    const asked = calls();
    const poor = await agent.call("review_changes", { budget_usd: 0.001 });

    expect(quick).toMatchObject({ findings: [{ title: bug.title, decision: "advisory" }] });
    expect(asked).toBeLessThan(callsOfReview);
    expect(poor).toMatchObject({ verdict: "incomplete", usd: 0 });
    expect(calls()).toBe(asked);
  });

  test("lets no agent raise the budget of a run", async () => {
    const { agent, calls } = await scene(finder, "budgets: { run_usd: 0.001 }\n");
    const result = await agent.call("review_changes", { budget_usd: 5 });

    expect(result).toMatchObject({ verdict: "incomplete", usd: 0 });
    expect(calls()).toBe(0);
  });

  test("is one review for one key", async () => {
    const { agent, calls } = await scene();
    const [one, other] = await Promise.all([
      agent.call("review_changes", { key: "k" }),
      agent.call("review_changes", { key: "k" }),
    ]);

    expect([one["id"], other["id"]]).toEqual(["R1", "R1"]);
    expect(calls()).toBe(callsOfReview);
  });

  test("stops its calls when the server ends, and keeps what there is", async () => {
    const { agent, close } = await scene(() => ({ kind: "hang" }));
    const call = agent.call("review_changes").catch(() => null);
    const stand = stands[0];
    const list = async (): Promise<readonly { readonly state: string }[]> =>
      stand === undefined
        ? []
        : stand.repository.project.skein.store.read(async (tx) =>
            stand.repository.project.skein.reviews.list(tx, 5),
          );
    await expect.poll(list, { timeout: 30_000 }).toMatchObject([{ state: "running" }]);
    await close();
    await call;

    expect(await list()).toMatchObject([{ state: "finished", verdict: "incomplete" }]);
  }, 60_000);

  test("says what is missing where no model is configured", async () => {
    const stand = await createMcpStand();
    stands.push(stand);
    const agent = await stand.connect();

    expect(await agent.call("review_changes")).toMatchObject({ error: { code: "SKN-2753" } });
  });
});
