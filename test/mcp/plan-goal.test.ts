import { afterEach, describe, expect, test } from "vitest";
import { aReply, aReplyTask } from "../core/planner/builders.ts";
import { createMcpStand } from "../support/mcp-client.ts";
import type { McpAgent, McpStand } from "../support/mcp-client.ts";
import { say, startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer } from "../support/model-servers/index.ts";
import { reviewEnv, settingsFor, usage } from "../support/review-stand.ts";

const stands: McpStand[] = [];
const servers: ModelServer[] = [];

afterEach(async () => {
  await Promise.all(stands.splice(0).map(async (stand) => stand.close()));
  await Promise.all(servers.splice(0).map(async (server) => server.close()));
});

const answer = aReply([
  aReplyTask("rules", { scope: ["src/price/**"], new_paths: ["src/price/**"] }),
  aReplyTask("cart", { scope: ["src/cart/**"], new_paths: ["src/cart/**"], depends_on: ["rules"] }),
]);

interface Scene {
  readonly stand: McpStand;
  readonly agent: McpAgent;
  readonly server: ModelServer;
}

async function scene(): Promise<Scene> {
  const server = await startModelServer({ reply: () => say(answer, { usage }) });
  servers.push(server);
  const stand = await createMcpStand();
  stands.push(stand);
  const { repository } = stand;
  repository.write("skein.yml", settingsFor(server, server));
  repository.git(repository.root, "add", ".");
  repository.git(repository.root, "commit", "--quiet", "-m", "Settings");
  return { stand, agent: await stand.connect({ env: reviewEnv }), server };
}

describe("propose_plan with a goal", () => {
  test("has a model draft it, stores nothing, and takes the draft in when it is named", async () => {
    const { agent, server } = await scene();
    const drafted = await agent.call("propose_plan", { goal: "Show gross prices" });
    const board = await agent.call("look", { at: "board" });
    const taken = await agent.call("propose_plan", { draft: String(drafted["draft"]) });

    expect(drafted).toMatchObject({
      plan: "show-gross-prices",
      dry_run: true,
      created: 2,
      draft: expect.stringMatching(/^[0-9a-f]{16}$/u),
      next: expect.stringContaining("call propose_plan {draft:"),
    });
    expect(drafted["tree"]).toContain("cart: Give cart its tax rate (M, 30 min, after rules)");
    expect(board).toMatchObject({ data: { plans: { count: 0 } } });
    expect(taken).toMatchObject({ plan: "show-gross-prices", dry_run: false, created: 2 });
    expect(server.calls).toHaveLength(1);
  });

  test("lets nobody take a draft into another's plan", async () => {
    const { stand, agent } = await scene();
    const plan = { plan: "show-gross-prices", title: "Mine", tasks: [{ id: "T1", title: "One" }] };
    const other = await stand.connect();
    await other.call("propose_plan", plan);
    const drafted = await agent.call("propose_plan", { goal: "Show gross prices" });
    const refused = await agent.call("propose_plan", { draft: String(drafted["draft"]) });

    expect(refused).toMatchObject({ error: { code: "SKN-3901" } });
  });

  test("says what is missing where no model is configured, or several things are given", async () => {
    const stand = await createMcpStand();
    stands.push(stand);
    const agent = await stand.connect();

    expect(await agent.call("propose_plan", { goal: "Show gross prices" })).toMatchObject({
      error: { code: "SKN-2841" },
    });
    expect(await agent.call("propose_plan", { goal: "x", text: "plan: y" })).toMatchObject({
      error: { code: "SKN-1902" },
    });
    expect(await agent.call("propose_plan", { draft: "0123456789abcdef" })).toMatchObject({
      error: { code: "SKN-5841" },
    });
  });
});
