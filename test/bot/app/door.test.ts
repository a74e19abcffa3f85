import { createHmac } from "node:crypto";
import { once } from "node:events";
import { ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { sign } from "@octokit/webhooks-methods";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createDoor, maxBodyBytes } from "../../../src/bot/app/door.ts";
import type { DoorOptions } from "../../../src/bot/app/door.ts";
import { listen } from "../../../src/bot/app/listen.ts";
import type { Listening } from "../../../src/bot/app/listen.ts";
import { appManifest, webhookPath } from "../../../src/bot/app/manifest.ts";
import type { Deliveries } from "../../../src/core/hosting/index.ts";
import { begunRequest, keptOfBytes } from "../../support/http-pieces.ts";
import { proofRun } from "../../support/proof.ts";
import { aPullEvent, aQueue, secret, sendHook } from "./stand.ts";
import type { Hook } from "./stand.ts";

const next = "the-next-secret-of-the-test-98765";
const body = JSON.stringify(aPullEvent());

let deliveries: Deliveries;
let open: Listening[] = [];
let faults: unknown[] = [];

function optionsOf(secrets: readonly string[]): DoorOptions {
  return {
    secrets,
    deliveries,
    hosts: new Set(["127.0.0.1", "localhost", "bot.example"]),
    manifest: appManifest("https://bot.example"),
    onAccepted: () => undefined,
    onFault: (error) => faults.push(error),
  };
}

async function openDoor(secrets: readonly string[] = [secret]): Promise<number> {
  const listening = await listen(createDoor(optionsOf(secrets)), { host: "127.0.0.1", port: 0 });
  open.push(listening);
  return listening.port;
}

beforeEach(async () => {
  faults = [];
  ({ deliveries } = await aQueue());
});

afterEach(async () => {
  await Promise.all(open.map(async (one) => one.close()));
  open = [];
});

async function waiting(): Promise<number> {
  return (await deliveries.counts()).waiting;
}

test.each(["", "POST / HT"])(
  "a door closes, though a connection has said %j and says no more",
  async (words) => {
    const door = await listen(createDoor(optionsOf([secret])), { host: "127.0.0.1", port: 0 });
    const socket = connect(door.port, "127.0.0.1");
    socket.write(words);
    await once(socket, "connect");
    await sendHook({ port: door.port, body });

    await door.close();

    socket.destroy();
  },
  10_000,
);

/** Begins a body of so many bytes, of which the last never comes. */
async function beginBody(port: number, bytes: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  const head = [
    `POST ${webhookPath} HTTP/1.1`,
    "Host: localhost",
    `Content-Length: ${String(bytes + 1)}`,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n${"x".repeat(bytes)}`);
  await once(socket, "connect");
  return socket;
}

describe("bodies of strangers that do not end", () => {
  test("keep no delivery out, however many there are", async () => {
    const port = await openDoor();
    const begun = await Promise.all(Array.from({ length: 40 }, async () => beginBody(port, 10)));

    const answer = await sendHook({ port, body });
    for (const socket of begun) {
      socket.destroy();
    }

    expect(answer.status).toBe(202);
  });

  test("take no more memory together than there is room, and give it back", async () => {
    const door = createDoor({ ...optionsOf([secret]), roomBytes: 100_000 });
    const listening = await listen(door, { host: "127.0.0.1", port: 0 });
    open.push(listening);
    const { port } = listening;
    const stranger = await beginBody(port, 100_000);
    const status = async (): Promise<number> => (await sendHook({ port, body })).status;

    await expect.poll(status, { timeout: 10_000 }).toBe(503);
    stranger.destroy();

    await expect.poll(status, { timeout: 10_000 }).toBe(202);
  });
});

describe("a delivery", () => {
  test("is stored and acknowledged when its signature is right", async () => {
    const port = await openDoor();

    expect(await sendHook({ port, body })).toEqual({
      status: 202,
      body: '{"accepted":"guid-0001"}',
    });
    expect(await deliveries.claim(1_000)).toMatchObject({
      guid: "guid-0001",
      event: "pull_request",
      repository: "ada/engine",
      payload: body,
    });
  });

  test("that comes a thousand times is one", async () => {
    const port = await openDoor();

    for (let round = 0; round < 20; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, async () => sendHook({ port, body })),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    }

    expect(await waiting()).toBe(1);
  });

  test("of a comment is the same under whatever name, which no signature covers", async () => {
    const port = await openDoor();
    const written = JSON.stringify(
      aPullEvent({ action: "created", comment: { id: 77, body: "/skein review" } }),
    );
    const send = async (guid: string, event: string): Promise<string> =>
      (await sendHook({ port, guid, event, body: written })).body;

    const said = [
      await send("guid-0001", "issue_comment"),
      await send("guid-0002", "issue_comment"),
    ];

    expect(said).toEqual(['{"accepted":"guid-0001"}', '{"known":"guid-0002"}']);
    expect(await waiting()).toBe(1);
  });

  test("is signed over its bytes, whatever they are", async () => {
    const port = await openDoor();
    const bytes = Buffer.concat([
      Buffer.from('{"text":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}'),
    ]);
    const hash = createHmac("sha256", secret).update(bytes).digest("hex");

    const answer = await sendHook({
      port,
      body: bytes,
      headers: { "x-hub-signature-256": `sha256=${hash}` },
    });

    expect(answer.status).toBe(202);
  });

  test("of which nobody knows yet who sent it takes little more memory than its bytes, in however small parts it comes", async () => {
    const headers = { host: "bot.example", "content-type": "application/json" };
    const request = begunRequest({ url: "/api/github/webhooks", headers });
    const response = new ServerResponse(request);
    createDoor(optionsOf([secret]))(request, response);

    const kept = await keptOfBytes(request, 100_000);
    request.push(null);
    await expect.poll(() => response.statusCode).toBe(401);

    expect(kept).toBeLessThan(2_000_000);
  });

  test("that nobody wants is known by its name only", async () => {
    const port = await openDoor();

    expect((await sendHook({ port, body, event: "star" })).status).toBe(202);
    expect(await waiting()).toBe(0);
    expect(await deliveries.knows("guid-0001")).toBe(true);
  });

  test("that cannot be stored is not acknowledged", async () => {
    const port = await openDoor();
    deliveries = { ...deliveries, accept: async () => Promise.reject(new Error("full")) };
    const broken = await openDoor();

    expect((await sendHook({ port: broken, body })).status).toBe(503);
    expect(faults).toHaveLength(1);
    expect((await sendHook({ port, body })).status).toBe(202);
  });
});

describe("a forged delivery", () => {
  const sha1 = `sha1=${createHmac("sha1", secret).update(body).digest("hex")}`;
  const right = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  const cases: readonly (readonly [string, Hook["headers"]])[] = [
    ["no signature", { "x-hub-signature-256": undefined }],
    ["an empty signature", { "x-hub-signature-256": "" }],
    ["SHA-1 alone", { "x-hub-signature-256": undefined, "x-hub-signature": sha1 }],
    ["SHA-1 under the newer name", { "x-hub-signature-256": sha1 }],
    ["another secret", { "x-hub-signature-256": `sha256=${"0".repeat(64)}` }],
    ["no algorithm", { "x-hub-signature-256": right.slice(7) }],
    ["capitals", { "x-hub-signature-256": right.toUpperCase() }],
    ["a longer signature", { "x-hub-signature-256": `${right}00` }],
    ["a shorter signature", { "x-hub-signature-256": right.slice(0, -2) }],
    ["two signatures", { "x-hub-signature-256": `${right}, ${right}` }],
    ["no hexadecimal", { "x-hub-signature-256": `sha256=${"z".repeat(64)}` }],
  ];

  test.each(cases)("with %s gets 401 and leaves nothing", async (_, headers) => {
    const port = await openDoor();

    expect((await sendHook({ port, body, headers: headers ?? {} })).status).toBe(401);
    expect(await deliveries.knows("guid-0001")).toBe(false);
  });

  const { count, seed } = proofRun("R18", 100, 18);
  test(`R18: with any byte or any digit of the signature changed gets 401, ${String(count)} times`, async () => {
    const port = await openDoor();
    const signature = await sign(secret, body);
    const place = fc.nat({ max: body.length + 63 });

    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 1, max: 127 }), async (at, change) => {
        const bytes = Buffer.from(body);
        if (at < body.length) {
          bytes[at] = (bytes[at] ?? 0) ^ change;
        }
        const forged = at < body.length ? signature : otherDigit(signature, at - body.length);
        const headers = { "x-hub-signature-256": forged };

        expect((await sendHook({ port, body: bytes, headers })).status).toBe(401);
      }),
      { numRuns: count, seed },
    );
    expect(await waiting()).toBe(0);
  });

  test("is told from a right one by each of two secrets while one replaces the other, and by no third", async () => {
    const port = await openDoor([secret, next]);
    const old = await openDoor([next]);
    const byNext = { "x-hub-signature-256": await sign(next, body) };
    const byThird = { "x-hub-signature-256": await sign("a-third-secret-of-the-test", body) };

    expect((await sendHook({ port, body, guid: "guid-old-1" })).status).toBe(202);
    expect((await sendHook({ port, body, guid: "guid-new-1", headers: byNext })).status).toBe(202);
    expect((await sendHook({ port, body, guid: "guid-bad-1", headers: byThird })).status).toBe(401);
    expect((await sendHook({ port: old, body, guid: "guid-old-2" })).status).toBe(401);
  });
});

/** A signature that is another in one of its 64 digits. */
function otherDigit(signature: string, at: number): string {
  const place = "sha256=".length + at;
  const digit = (Number.parseInt(signature.charAt(place), 16) + 1) % 16;
  return `${signature.slice(0, place)}${digit.toString(16)}${signature.slice(place + 1)}`;
}

describe("the door", () => {
  test.each([
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost:80@evil.example",
    "bot.example.",
  ])("knows no host %s", async (host) => {
    const port = await openDoor();

    const answer = await sendHook({ port, body, headers: { host } });

    expect([400, 403]).toContain(answer.status);
    expect(await waiting()).toBe(0);
  });

  test.each(["bot.example", "BOT.example:443", "localhost:3000"])(
    "knows the host %s",
    async (host) => {
      const port = await openDoor();

      expect((await sendHook({ port, body, headers: { host } })).status).toBe(202);
    },
  );

  test("takes no body over 25 MB, whether its length is said or not", async () => {
    const port = await openDoor();
    const large = Buffer.alloc(maxBodyBytes + 1, 0x20);
    const said = await sendHook({ port, body: "x", headers: { "content-length": "26214401" } });
    const unsaid = await sendHook({
      port,
      body: large,
      headers: { "content-length": undefined, "transfer-encoding": "chunked" },
    }).catch(() => ({ status: 413 }));

    expect([said.status, unsaid.status]).toEqual([413, 413]);
    expect(JSON.parse(said.body)).toMatchObject({
      error: { code: "SKN-1937", kind: "usage", facts: { limit_bytes: maxBodyBytes } },
    });
    expect(await waiting()).toBe(0);
  });

  test.each([
    ["a list", "[]", {}],
    ["no JSON", "{", {}],
    ["no name", body, { "x-github-delivery": undefined }],
    ["a name of another kind", body, { "x-github-delivery": "../../x" }],
    ["no event", body, { "x-github-event": undefined }],
    ["an event of another kind", body, { "x-github-event": "Pull Request" }],
  ])("answers 400 to %s", async (_, text, headers) => {
    const port = await openDoor();

    expect((await sendHook({ port, body: text, headers })).status).toBe(400);
  });

  test("says what to set when it is sent a form", async () => {
    const port = await openDoor();
    const headers = { "content-type": "application/x-www-form-urlencoded" };

    expect(await sendHook({ port, body, headers })).toMatchObject({
      status: 415,
      body: expect.stringContaining("application/json"),
    });
  });

  test("shows its health, what waits, and the manifest, and nothing else", async () => {
    const port = await openDoor();
    await sendHook({ port, body });
    const look = async (path: string, method = "GET") => sendHook({ port, body: "", path, method });

    expect(await look("/healthz")).toEqual({ status: 200, body: '{"ok":true}' });
    expect(JSON.parse((await look("/readyz")).body)).toEqual({
      ok: true,
      deliveries: { waiting: 1, running: 0, done: 0, dead: 0 },
    });
    expect((await look("/manifest")).body).toContain("default_permissions");
    expect((await look("/")).status).toBe(404);
    expect((await look("/healthz", "POST")).status).toBe(404);
    expect((await look("/api/github/webhooks")).status).toBe(405);
    expect((await look("/api/github/webhooks", "DELETE")).status).toBe(405);
  });
});
