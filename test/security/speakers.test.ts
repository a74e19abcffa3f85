import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCommandRunner } from "../../src/cli/serve/command-runner.ts";
import type { Role } from "../../src/core/access/index.ts";
import { laneOfTool } from "../../src/http/tools-route.ts";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpAnswer, HttpStand } from "../support/http-stand.ts";

let stand: HttpStand;
/** The session that is spoken for. */
let victim: string;

beforeAll(async () => {
  stand = await createHttpStand({
    commands: createCommandRunner(),
    auth: {
      tokens: true,
      oidc: null,
      publicUrl: null,
      allowedHosts: [],
      allowedOrigins: [],
      quotas: { perMinute: 1_000_000, burst: 100_000 },
    },
  });
  const joined = await stand.call("next_task", { name: "grace" });
  victim = String(joined.body["session"]);
});

afterAll(async () => {
  await stand.close();
});

/** A token's holder chooses its name at the identity provider, or whoever makes it does. */
async function tokenNamed(name: string, role: Role): Promise<Readonly<Record<string, string>>> {
  const { skein } = stand.repository.project;
  const { text } = await skein.store.write((tx) =>
    skein.access.tokens.create(tx, { role, name, by: "person:eve" }),
  );
  return { authorization: `Bearer ${text}` };
}

async function say(headers: Readonly<Record<string, string>>): Promise<HttpAnswer> {
  return stand.ask("api/v1/commands", {
    method: "POST",
    headers,
    body: { command: ["message", "send"], arguments: ["Stop."], options: { to: "all" } },
  });
}

async function newestSender(): Promise<string | undefined> {
  const { text } = await stand.call("look", { session: victim, at: "inbox" });
  return [...text.matchAll(/"from":"([^"]*)"/gu)].at(-1)?.[1];
}

/** T11, T18: a message says who sent it, and with which standing, by what was proved alone. */
describe("who speaks over a server", () => {
  test.each([
    ["s1 grace", "agent", "agent:s1 grace"],
    ["skein integrate", "agent", "agent:skein integrate"],
    ["person:root", "reviewer", "reviewer:person:root"],
    ["s1 grace", "manager", "person:s1 grace"],
  ] as const)("is no session, and not Skein, by the name %j (%s)", async (name, role, from) => {
    const sent = await say(await tokenNamed(name, role));

    expect(sent.body).toMatchObject({ exit_code: 0 });
    expect(await newestSender()).toBe(from);
  });

  test("overrides the guard in nobody's name but its own", async () => {
    const headers = await tokenNamed("ci", "agent");
    const joined = await stand.call("next_task", { name: "worker" }, headers);
    const session = String(joined.body["session"]);

    await stand.ask("api/v1/hooks/guard-override", {
      method: "POST",
      headers: { ...headers, "skein-session": session },
      body: { code: "SKN-4961", what: "src/a.ts" },
    });

    const { skein } = stand.repository.project;
    const [event] = await skein.store.read((reader) =>
      skein.events.newest(reader, "guard.overridden"),
    );
    expect(event?.actor).toBe(`session:${session.split("_")[0] ?? ""}`);
  });

  test("finds out which of several sessions of one name are there", async () => {
    await stand.call("next_task", { name: "grace" }, { "skein-external-id": "codex:twin" });

    const { body } = await stand.call("send_message", { session: victim, to: "grace", text: "Hi" });

    expect(JSON.stringify(body)).toMatch(/Several living sessions are called .*grace.*: s1, s\d/u);
  });
});

describe("a word that every object knows", () => {
  test.each(["constructor", "__proto__", "toString"])(
    "names no tool, and stands in a line as any other: %s",
    async (name) => {
      const { status, text } = await stand.ask("mcp", {
        method: "POST",
        headers: {
          accept: "application/json, text/event-stream",
          "mcp-protocol-version": "2025-11-25",
        },
        body: { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: {} } },
      });

      expect(status).toBe(200);
      expect(text).toContain("There is no such tool");
      expect(laneOfTool(name, {})).toBe("take");
    },
  );
});
