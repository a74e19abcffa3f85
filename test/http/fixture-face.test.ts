import type { Client } from "@modelcontextprotocol/client";
import { afterEach, expect, test } from "vitest";
import { createMcpFace } from "../../src/mcp/index.ts";
import { createFixtureServer } from "../support/conformance/fixture-server.ts";
import { createSessionFace } from "../support/conformance/session-face.ts";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpStand } from "../support/http-stand.ts";

const stands: HttpStand[] = [];
const clients: Client[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map(async (client) => client.close()));
  await Promise.all(stands.splice(0).map(async (stand) => stand.close()));
});

const fixtureFace: typeof createMcpFace = (watcher) =>
  createMcpFace(watcher, (_, bus) => createFixtureServer(bus));

async function connect(
  createFace: typeof createMcpFace,
  mode: "legacy" | { readonly pin: string },
): Promise<Client> {
  const stand = await createHttpStand({ createFace });
  stands.push(stand);
  const client = await stand.connect({
    capabilities: { elicitation: {} },
    versionNegotiation: { mode },
  });
  clients.push(client);
  return client;
}

test.each(["legacy" as const, { pin: "2026-07-28" }])(
  "progress of a call reaches a client (%j) over the front, as it comes",
  async (mode) => {
    const client = await connect(fixtureFace, mode);
    const told: number[] = [];
    const result = await client.callTool(
      { name: "test_tool_with_progress", arguments: {} },
      { onprogress: ({ progress }) => told.push(progress) },
    );

    expect(told).toEqual([0, 50, 100]);
    expect(result.content).toMatchObject([{ text: "Done." }]);
  },
);

test("without sessions an older client is not asked in the midst of a call; where a server has some, it is, over the same front", async () => {
  const [without, withSessions] = [
    await connect(fixtureFace, "legacy"),
    await connect((watcher) => createSessionFace(fixtureFace(watcher)), "legacy"),
  ];
  for (const client of [without, withSessions]) {
    client.setRequestHandler("elicitation/create", async () =>
      Promise.resolve({ action: "accept", content: { username: "ada", email: "ada@example.org" } }),
    );
  }
  const call = { name: "test_elicitation", arguments: { message: "Who?" } };

  await expect(without.callTool(call)).rejects.toThrow("no session");
  expect((await withSessions.callTool(call)).content).toMatchObject([
    { text: 'The user says: accept, {"username":"ada","email":"ada@example.org"}' },
  ]);
});
