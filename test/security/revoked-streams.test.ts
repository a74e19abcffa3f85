import { afterEach, describe, expect, test } from "vitest";
import type { TokenId } from "../../src/core/access/index.ts";
import { connectTo, createHttpStand } from "../support/http-stand.ts";
import type { HttpStand } from "../support/http-stand.ts";

const auth = {
  tokens: true,
  oidc: null,
  publicUrl: null,
  allowedHosts: [],
  allowedOrigins: [],
  quotas: { perMinute: 100_000, burst: 10_000 },
};

let stand: HttpStand;

afterEach(async () => {
  await stand.close();
});

interface Made {
  readonly id: TokenId;
  readonly text: string;
}

async function personalToken(): Promise<Made> {
  const { skein } = stand.repository.project;
  const { token, text } = await skein.store.write((tx) =>
    skein.access.tokens.create(tx, { role: "viewer", by: "person:eve", expiresInMs: null }),
  );
  return { id: token.id, text };
}

async function revoke(id: TokenId): Promise<void> {
  const { skein } = stand.repository.project;
  await skein.store.write((tx) => skein.access.tokens.revoke(tx, id, "person:eve"));
}

async function endAll(): Promise<void> {
  const { skein } = stand.repository.project;
  await skein.store.write((tx) => tx.run("UPDATE access_tokens SET expires_at_ms = 1", []));
}

/** Reads a stream until the server ends it, or it told of `last`. */
async function readWith(token: string, last: string): Promise<{ readonly text: () => string }> {
  const leave = new AbortController();
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${stand.url}/api/v1/events`, { headers, signal: leave.signal });
  let text = "";
  const decoder = new TextDecoder();
  void (async () => {
    for await (const part of response.body ?? []) {
      text += decoder.decode(part, { stream: true });
      if (text.includes(last)) {
        leave.abort();
      }
    }
  })().catch(() => undefined);
  return { text: () => text };
}

async function say(text: string): Promise<void> {
  await stand.call("send_message", { to: "all", text });
}

describe("a stream of events", () => {
  test("ends with a token that was taken back, and tells nothing of what comes after", async () => {
    stand = await createHttpStand({ auth });
    const [spy, other] = [await personalToken(), await personalToken()];
    const spied = await readWith(spy.text, "after it");
    const read = await readWith(other.text, "after it");
    await say("before it");
    await expect.poll(spied.text).toContain("before it");
    await revoke(spy.id);
    await say("after it");
    await expect.poll(read.text).toContain("after it");

    await expect.poll(spied.text).toMatch(/event: error\ndata: .*SKN-3352/u);
    expect(spied.text()).not.toContain("after it");
    expect(spied.text()).not.toContain("token.revoked");
  });

  test("ends with a token whose time is over, at the first event behind a sign of life", async () => {
    stand = await createHttpStand({ auth, streams: { beatMs: 50, slowMs: 5_000 } });
    const spy = await personalToken();
    const spied = await readWith(spy.text, "after it");
    await say("before it");
    await expect.poll(spied.text).toContain("before it");
    await endAll();
    await expect.poll(spied.text).toContain(": beat");
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    await say("after it");

    await expect.poll(spied.text).toMatch(/event: error\ndata: .*SKN-3353/u);
    expect(spied.text()).not.toContain("after it");
  });
});

describe("a stream of MCP that listens", () => {
  test("ends with a token that was taken back, at a sign of life", async () => {
    stand = await createHttpStand({ auth, streams: { beatMs: 50, slowMs: 5_000 } });
    const spy = await personalToken();
    const client = await connectTo(
      `${stand.url}/mcp`,
      { versionNegotiation: { mode: "auto" } },
      { authorization: `Bearer ${spy.text}` },
    );
    await client.listen({ resourceSubscriptions: ["skein://board"] });
    const sleeping = async (): Promise<unknown> =>
      Reflect.get(Object((await stand.ask("healthz")).body["load"]), "sleeping");
    await expect.poll(sleeping).toBe(1);

    await revoke(spy.id);

    await expect.poll(sleeping).toBe(0);
    await client.close();
  });
});
