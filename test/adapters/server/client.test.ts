import { afterEach, describe, expect, test } from "vitest";
import { followEvents, parseServerAddress } from "../../../src/adapters/server/index.ts";
import { createStreamReader } from "../../../src/adapters/server/stream-reader.ts";
import { systemTimer } from "../../../src/adapters/process/timer.ts";
import { connectServer } from "../../../src/compose-server.ts";
import type { ServerClient } from "../../../src/adapters/server/index.ts";
import { aLoopbackServer, sayJson } from "../../support/loopback-server.ts";
import type { Answerer, LoopbackServer } from "../../support/loopback-server.ts";

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) {
    await each.close();
  }
});

async function aServer(answer: Answerer): Promise<LoopbackServer> {
  const server = await aLoopbackServer(answer);
  open.push(server);
  return server;
}

function clientOf(url: string, env: Readonly<Record<string, string>> = {}): ServerClient {
  const address = parseServerAddress(url);
  const client = connectServer({ address, tokenReference: "env:TOKEN" }, { TOKEN: "t1", ...env });
  open.push(client);
  return client;
}

const question = { body: { a: 1 }, isRepeatable: true, patienceMs: 3_000, signal: null };

describe("parseServerAddress", () => {
  test.each([
    ["https://skein.example.com/p/shop/", "https://skein.example.com/p/shop"],
    ["http://127.0.0.1:7433", "http://127.0.0.1:7433"],
    ["http://[::1]:7433/p/a", "http://[::1]:7433/p/a"],
    ["http://localhost:1", "http://localhost:1"],
  ])("reads %s", (text, base) => {
    expect(parseServerAddress(text).base).toBe(base);
  });

  test.each([
    "https://ada:secret@skein.example.com",
    "https://skein.example.com/?token=secret",
    "https://skein.example.com/#secret",
    "http://skein.example.com",
    "http://127.0.0.1.example.com",
    "file:///etc/passwd",
    "skein.example.com",
    "",
  ])("refuses %s without repeating it", (text) => {
    const parse = (): unknown => parseServerAddress(text);

    expect(parse).toThrow(expect.objectContaining({ code: "SKN-1921" }));
    expect(parse).not.toThrow(/secret/u);
  });
});

describe("ask", () => {
  test("says in plain words that a server does not speak TLS", async () => {
    const server = await aServer((_, response) => {
      sayJson(response, 200, {});
    });
    const client = clientOf(server.url.replace("http:", "https:"));

    await expect(client.ask("x", { ...question, patienceMs: 0 })).rejects.toMatchObject({
      code: "SKN-7921",
      message: expect.stringContaining(
        "cannot be reached: what answers there speaks http, not https.",
      ),
    });
  });

  test("sends the token in a header and keeps the connection", async () => {
    const sockets = new Set<unknown>();
    const server = await aServer((_request, response) => {
      sockets.add(response.socket);
      sayJson(response, 200, { ok: true });
    });
    const client = clientOf(server.url);

    expect(await client.ask("api/v1/tools/look", question)).toEqual({ ok: true });
    expect(await client.ask("/readyz", { ...question, body: null })).toEqual({ ok: true });

    expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST /api/v1/tools/look",
      "GET /readyz",
    ]);
    expect(server.seen[0]?.headers.authorization).toBe("Bearer t1");
    expect(sockets.size).toBe(1);
  });

  test("gives the server's own error with its code, fix and time to wait", async () => {
    const error = {
      code: "SKN-4401",
      message: "Held.",
      fix: "Wait.",
      retry_after_ms: 5_000,
      facts: { path: "a" },
    };
    const server = await aServer((_request, response) => {
      sayJson(response, 409, { error });
    });

    await expect(clientOf(server.url).ask("x", question)).rejects.toMatchObject({
      code: "SKN-4401",
      kind: "conflict",
      message: "Held.",
      fix: "Wait.",
      retryAfterMs: 5_000,
      facts: { path: "a" },
    });
    expect(server.seen).toHaveLength(1);
  });

  test("waits as long as a busy server says, and asks again", async () => {
    const times: number[] = [];
    const server = await aServer((_request, response) => {
      times.push(performance.now());
      if (times.length === 1) {
        sayJson(response, 429, { headers: { "retry-after": "0.4" } });
      } else {
        sayJson(response, 200, { ok: true });
      }
    });

    await clientOf(server.url).ask("x", { ...question, isRepeatable: false });

    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(290);
  });

  test("does not wait longer than its patience", async () => {
    const server = await aServer((_request, response) => {
      sayJson(response, 429, { headers: { "retry-after": "60" } });
    });

    await expect(clientOf(server.url).ask("x", question)).rejects.toMatchObject({
      code: "SKN-7923",
      retryAfterMs: 60_000,
    });
  });

  test("repeats what may have been done only where that does no harm", async () => {
    let count = 0;
    const server = await aServer((_request, response) => {
      count += 1;
      if (count % 2 === 1) {
        response.socket?.destroy();
      } else {
        sayJson(response, 200, { count });
      }
    });
    const client = clientOf(server.url);

    await expect(client.ask("x", { ...question, isRepeatable: false })).rejects.toMatchObject({
      code: "SKN-7922",
      kind: "unavailable",
    });
    count = 0;
    expect(await client.ask("x", question)).toEqual({ count: 2 });
    expect(server.seen[1]?.body).toBe(server.seen[2]?.body);
  });

  test("tells a server that is not there from one whose answer is lost", async () => {
    const server = await aLoopbackServer(() => undefined);
    await server.close();

    await expect(
      clientOf(server.url).ask("x", { ...question, patienceMs: 200 }),
    ).rejects.toMatchObject({ code: "SKN-7921", retryAfterMs: 1_000 });
  });

  test("recovers when the server comes back within its patience", async () => {
    const first = await aLoopbackServer(() => undefined);
    await first.close();
    const asked = clientOf(first.url).ask("x", question);
    await systemTimer.sleep(150, null);
    open.push(
      await aLoopbackServer(
        (_request, response) => {
          sayJson(response, 200, { back: true });
        },
        Number(new URL(first.url).port),
      ),
    );

    expect(await asked).toEqual({ back: true });
  });

  test("follows no redirect with its token", async () => {
    const elsewhere = await aServer((_request, response) => {
      sayJson(response, 200, {});
    });
    const server = await aServer((_request, response) => {
      response.writeHead(307, { location: `${elsewhere.url}/x` });
      response.end();
    });

    await expect(clientOf(server.url).ask("x", question)).rejects.toMatchObject({
      code: "SKN-2922",
    });
    expect(elsewhere.seen).toHaveLength(0);
  });

  test.each([
    [401, "SKN-3921"],
    [403, "SKN-3921"],
    [404, "SKN-2922"],
    [500, "SKN-0921"],
  ])("reads status %i without a word as %s", async (status, code) => {
    const server = await aServer((_request, response) => {
      response.writeHead(status, { "content-type": "text/html" });
      response.end("<h1>No</h1>");
    });

    await expect(clientOf(server.url).ask("x", question)).rejects.toMatchObject({ code });
  });

  test("never tells the token, also where its reference is bad", async () => {
    const address = parseServerAddress("http://127.0.0.1:1");
    const client = connectServer({ address, tokenReference: "env:NONE" }, { TOKEN: "t1" });

    await expect(client.ask("x", question)).rejects.toMatchObject({
      code: "SKN-2921",
      message: "The token of the server cannot be read. The environment variable NONE is not set.",
    });
  });

  test.each([
    [{ SKEIN_TOKEN_FILE: "/nowhere/token" }, "in SKEIN_TOKEN_FILE."],
    [{}, "with `SKEIN_TOKEN_FILE=FILE skein init --url URL` in this clone."],
  ])("says where the file of a token was named: %j", async (env, place) => {
    const address = parseServerAddress("http://127.0.0.1:1");
    const client = connectServer({ address, tokenReference: "file:/nowhere/token" }, env);

    await expect(client.ask("x", question)).rejects.toMatchObject({
      code: "SKN-2921",
      fix: `Write the secret into the file, readable by you alone, or name another one ${place}`,
    });
  });

  test.each(["t1\n\nt1 (ada) has the role agent", "t 1", "t\u{e9}"])(
    "sends no token that fits no header, and does not tell it: %j",
    async (given) => {
      const address = parseServerAddress("http://127.0.0.1:1");
      const client = connectServer({ address, tokenReference: "env:TOKEN" }, { TOKEN: given });

      await expect(client.ask("x", question)).rejects.toMatchObject({
        code: "SKN-2921",
        message:
          "The token of the server cannot be read. It holds more than one word, or signs that no token has.",
        fix: "Keep the token alone in its file or variable: the one line that begins with `skein_`.",
      });
    },
  );

  test("gives up at once when its caller does", async () => {
    const server = await aServer(() => undefined);
    const stop = new AbortController();
    const asked = clientOf(server.url).ask("x", { ...question, signal: stop.signal });
    setTimeout(() => {
      stop.abort();
    }, 50);

    await expect(asked).rejects.toMatchObject({ code: "SKN-7922" });
    expect(server.seen.length).toBeLessThanOrEqual(1);
  });
});

describe("followEvents", () => {
  test("tells each event once, also when the stream breaks between them", async () => {
    const server = await aServer((request, response) => {
      const since = Number(/since=(\d+)/u.exec(request.url)?.[1]);
      response.writeHead(200, { "content-type": "text/event-stream" });
      // The first message again, as a server that counts differently might send it.
      const from = Math.max(since, 1);
      for (let seq = from; seq <= from + 2; seq += 1) {
        response.write(`id: ${String(seq)}\nevent: event\ndata: {"seq":${String(seq)}}\n\n`);
      }
      response.write(": alive\n\nid: 9");
      response.socket?.destroySoon();
    });
    const stop = new AbortController();
    const seqs: number[] = [];

    for await (const { id } of followEvents(clientOf(server.url), {
      since: 0,
      signal: stop.signal,
      timer: systemTimer,
    })) {
      seqs.push(Number(id));
      if (seqs.length === 7) {
        break;
      }
    }

    expect(seqs).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(server.seen[1]?.headers["last-event-id"]).toBe("3");
  });

  test("ends with the error when the token is refused", async () => {
    const server = await aServer((_request, response) => {
      sayJson(response, 401, {});
    });
    const following = followEvents(clientOf(server.url), {
      since: 0,
      signal: new AbortController().signal,
      timer: systemTimer,
    });

    await expect(following.next()).rejects.toMatchObject({ code: "SKN-3921" });
  });
});

describe("followEvents of a log that lost its end", () => {
  test("ends with what the stream said last, wherever the log is by then", async () => {
    const server = await aServer((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const error = { code: "SKN-5202", message: "another log", facts: { last_seq: 4 } };
      response.write('id: 7\ndata: {"seq":7}\n\n');
      response.end(`event: error\ndata: ${JSON.stringify({ error })}\n\n`);
    });
    const following = followEvents(clientOf(server.url), {
      since: 6,
      signal: new AbortController().signal,
      timer: systemTimer,
    });

    expect(await following.next()).toMatchObject({ value: { id: "7" } });
    await expect(following.next()).rejects.toMatchObject({
      code: "SKN-5202",
      facts: { last_seq: 4 },
    });
    expect(server.seen).toHaveLength(1);
  });
});

describe("a token that was renewed since it was read", () => {
  const env: Record<string, string> = { TOKEN: "old" };

  async function aRenewingServer(): Promise<LoopbackServer> {
    env["TOKEN"] = "old";
    return aServer(({ headers }, response) => {
      if (headers.authorization === "Bearer new") {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.end('id: 1\ndata: {"seq":1}\n\n');
      } else {
        env["TOKEN"] = "new";
        sayJson(response, 401, {});
      }
    });
  }

  function aClient(url: string): ServerClient {
    const client = connectServer(
      { address: parseServerAddress(url), tokenReference: "env:TOKEN" },
      env,
    );
    open.push(client);
    return client;
  }

  test("opens the stream of events", async () => {
    const { url } = await aRenewingServer();
    const following = followEvents(aClient(url), {
      since: 0,
      signal: new AbortController().signal,
      timer: systemTimer,
    });

    expect(await following.next()).toMatchObject({ value: { id: "1" } });
    await following.return(undefined);
  });

  test("lets a look at the server see what is there", async () => {
    const { url } = await aRenewingServer();

    expect(await aClient(url).peek("api/v1/openapi.json")).toMatchObject({ status: 200 });
  });

  test("is tried once more, not for ever", async () => {
    const server = await aServer((_request, response) => {
      sayJson(response, 401, {});
    });

    await expect(
      clientOf(server.url).open("api/v1/events", {}, new AbortController().signal),
    ).rejects.toMatchObject({ code: "SKN-3921" });
    expect(server.seen).toHaveLength(2);
  });
});

describe("createStreamReader", () => {
  test("refuses a message without end", () => {
    const read = createStreamReader();
    const piece = "x".repeat(16 * 1_024 * 1_024);

    expect(() => {
      for (let times = 0; times < 5; times += 1) {
        read(piece);
      }
    }).toThrow(expect.objectContaining({ code: "SKN-2922" }));
  });

  test("reads the same from pieces of any length", () => {
    const text = "id: 1\r\nevent: event\r\ndata: a\r\n\r\n: beat\n\nid: 2\ndata: b\ndata: c\n\n";
    const whole = createStreamReader()(text);
    const read = createStreamReader();
    const pieces = Array.from(text).flatMap((piece) => read(piece));

    expect(whole).toEqual([
      { id: "1", event: "event", data: "a" },
      { id: "2", event: "message", data: "b\nc" },
    ]);
    expect(pieces).toEqual(whole);
  });
});
