import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createMcpStand } from "../support/mcp-client.ts";
import type { McpStand } from "../support/mcp-client.ts";

let stand: McpStand;

beforeEach(async () => {
  stand = await createMcpStand();
});

afterEach(async () => {
  await stand.close();
});

async function sessionCount(): Promise<number> {
  const { sessions, store } = stand.repository.project.skein;
  return store.read(async (reader) => (await sessions.list(reader, "living")).length);
}

describe("the session of a call", () => {
  test("is joined once for a connection, with any tool", async () => {
    const agent = await stand.connect();

    const looked = await agent.call("look", { at: "board" });
    const claimed = await agent.call("claim_files", { paths: ["src/a.ts"] });

    expect(looked["session"]).toBe(claimed["session"]);
    expect(await sessionCount()).toBe(1);
  });

  test("is the one of the handle, on any connection", async () => {
    const [one, other] = [await stand.connect(), await stand.connect()];
    const { session } = await one.call("claim_files", { paths: ["src/a.ts"] });

    const again = await other.call("claim_files", { session, paths: ["src/a.ts"] });

    expect(again).toMatchObject({ granted: true, session });
    expect(await sessionCount()).toBe(1);
  });

  test("is told by the host in _meta, call by call", async () => {
    const codex = await stand.connect({ clientName: "codex-mcp-client" });
    const look = { at: "sessions" };

    await codex.call("look", look, { sessionId: "main", threadId: "main" });
    await codex.call("look", look, { sessionId: "main", threadId: "helper" });
    await codex.call("look", look, { sessionId: "main", threadId: "main" });
    const { sessions, store } = stand.repository.project.skein;
    const known = await store.read((reader) => sessions.list(reader, "living"));

    expect(known.map(({ externalId, parent }) => ({ externalId, parent }))).toEqual([
      { externalId: "codex:main", parent: null },
      { externalId: "codex:main:helper", parent: "s1" },
    ]);
  });

  test("is the same for the hooks and the server of one host", async () => {
    await stand.repository.claim("claude:abc", ["src/a.ts"]);
    const claude = await stand.connect({ env: { CLAUDE_CODE_SESSION_ID: "abc" } });

    const seen = await claude.call("look", { at: "files", id: "src/a.ts" });

    expect(seen).toMatchObject({ data: { paths: [{ state: "own" }] } });
  });

  test("is joined anew when it was ended behind the connection's back", async () => {
    const agent = await stand.connect();
    const before = await agent.call("look", { at: "board" });
    await stand.repository.project.skein.dispatch.revoke({
      target: "s1",
      by: null,
      person: "ada",
      reason: "test",
    });

    const after = await agent.call("claim_files", { paths: ["src/a.ts"] });

    expect(after).toMatchObject({ granted: true, session: expect.stringMatching(/^s2_/u) });
    expect(before["session"]).toMatch(/^s1_/u);
  });

  test("that a handle names must live, and is never made up", async () => {
    const agent = await stand.connect();

    const refused = await agent.call("next_task", { session: `s1_${"0".repeat(26)}` });

    expect(refused).toMatchObject({ error: { code: "SKN-3301", fix: expect.any(String) } });
    expect(await sessionCount()).toBe(0);
  });
});

describe("what belongs to another session", () => {
  test("cannot be finished, changed, released, answered or read by 1,000 calls", async () => {
    const [grace, mallory] = [await stand.connect(), await stand.connect()];
    await grace.call("propose_plan", {
      plan: "p",
      title: "P",
      tasks: [{ id: "T1", title: "One", files: ["src/a.ts"] }],
    });
    const claim = await grace.call("next_task");
    await grace.call("ask_human", { question: "Which?", options: ["a"] });
    const { session: own } = await mallory.call("look", { at: "board" });
    const task = { task: "p/T1", fence: claim["fence"] };
    const attempts = [
      ["finish_task", { ...task, outcome: "submitted", summary: "Mine" }],
      ["finish_task", { ...task, outcome: "released", summary: "Mine" }],
      ["update_task", { ...task, percent: 100 }],
      ["update_task", { ...task, add_paths: ["src/b.ts"] }],
      ["propose_plan", { plan: "p", title: "Mine", tasks: [] }],
      ["ask_human", { id: "A1" }],
      ["next_task", { session: String(claim["session"]).replace(/.{3}$/u, "000") }],
      ["claim_files", { paths: ["src/**"] }],
      ["release_files", { paths: ["L1"] }],
      ["next_task", { task: "p/T1" }],
    ] as const;
    let attacker = mallory;
    let succeeded = 0;

    for (let round = 0; round < 1_000 / attempts.length; round += 1) {
      // A session may make only so many calls at once: these are to fail for what they are, not for how many they are.
      attacker = round % 8 === 0 ? await stand.connect() : attacker;
      for (const [name, args] of attempts) {
        const answer = await attacker.call(name, args);
        const isRefused =
          ("error" in answer && Object(answer["error"]).code !== "SKN-7301") ||
          answer["granted"] === false ||
          answer["count"] === 0 ||
          answer["task"] === null;
        succeeded += isRefused ? 0 : 1;
      }
    }
    const after = await grace.call("update_task", { ...task, percent: 50 });

    expect(succeeded).toBe(0);
    expect(after).toMatchObject({ status: "claimed", fence: claim["fence"] });
    expect(own).not.toBe(claim["session"]);
  });
});
