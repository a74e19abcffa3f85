import { connect } from "node:net";
import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCommandRunner } from "../../src/cli/serve/command-runner.ts";
import type { Role } from "../../src/core/access/index.ts";
import { cpuMs } from "../support/cpu-time.ts";
import { createBodyRoom } from "../../src/http/body-room.ts";
import { readBody } from "../../src/http/body.ts";
import { begunRequest, keptOfBytes } from "../support/http-pieces.ts";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpAnswer, HttpStand } from "../support/http-stand.ts";

const megabyte = 1_024 * 1_024;

let stand: HttpStand;

beforeAll(async () => {
  stand = await createHttpStand({
    commands: createCommandRunner(),
    bodies: { allBytes: 12 * megabyte, eachBytes: 6 * megabyte },
    auth: {
      tokens: true,
      oidc: null,
      publicUrl: null,
      allowedHosts: [],
      allowedOrigins: [],
      quotas: { perMinute: 12_000, burst: 1_000 },
    },
  });
});

afterAll(async () => {
  await stand.close();
});

async function aToken(role: Role): Promise<string> {
  const { access, store } = stand.repository.project.skein;
  return (await store.write((tx) => access.tokens.create(tx, { role, by: "person:eve" }))).text;
}

async function post(path: string, token: string, body: string): Promise<HttpAnswer> {
  return stand.ask(path, { method: "POST", body, headers: { authorization: `Bearer ${token}` } });
}

/** Begins a body of some size at a door, and never ends it. */
async function beginBody(token: string, bytes: number): Promise<Socket> {
  const { hostname, port, host } = new URL(stand.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  socket.write(
    `POST /api/v1/tools/look HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${String(bytes + 1)}\r\n\r\n`,
  );
  await new Promise<void>((resolve) => {
    socket.write(Buffer.alloc(bytes, " "), () => {
      resolve();
    });
  });
  return socket;
}

describe("bodies over HTTP", () => {
  test.each(["viewer", "agent", "reviewer"] as const)(
    "take no more from a %s at the commands than anywhere else",
    async (role) => {
      const body = JSON.stringify({ command: ["status"], input: "x".repeat(5 * megabyte) });

      const answer = await post("api/v1/commands", await aToken(role), body);

      expect(answer.status).toBe(413);
      expect(answer.body["error"]).toMatchObject({
        code: "SKN-1937",
        facts: { fault: "too-large", limit_bytes: 4 * megabyte },
      });
    },
  );

  test.each(["api/v1/tools/look", "api/v1/commands", "mcp"])(
    "of a million parts are refused at %s before anything is built of them",
    async (path) => {
      const token = await aToken("viewer");
      const startMs = cpuMs();

      const answer = await post(path, token, `{"at":[${"[],".repeat(1_000_000)}1]}`);

      expect(answer.status).toBe(400);
      expect(answer.text).toContain("too many parts");
      expect(cpuMs() - startMs).toBeLessThan(1_000);
    },
  );

  test("that one principal leaves unfinished take no room from others, and give it back", async () => {
    const [greedy, other] = [await aToken("viewer"), await aToken("viewer")];
    const body = JSON.stringify({ at: "board", pad: "x".repeat(megabyte) });
    const begun = await Promise.all(
      Array.from({ length: 2 }, async () => beginBody(greedy, 3 * megabyte)),
    );
    await expect
      .poll(async () => (await post("api/v1/tools/look", greedy, body)).status, patiently)
      .toBe(429);

    const refused = await post("api/v1/tools/look", greedy, body);
    const fair = await post("api/v1/tools/look", other, body);
    for (const socket of begun) {
      socket.destroy();
    }

    expect(refused.status).toBe(429);
    expect(refused.body["error"]).toMatchObject({ code: "SKN-7931", retry_after_ms: 2_000 });
    // It was read whole: only its content is at fault.
    expect(fair.body["error"]).toMatchObject({ code: "SKN-1901" });
    await expect
      .poll(async () => (await post("api/v1/tools/look", greedy, body)).status, patiently)
      .toBe(400);
  });
});

test("a body in parts of a byte each takes little more memory than its bytes, of which its room is counted", async () => {
  const request = begunRequest({});
  const room = createBodyRoom({ allBytes: megabyte, eachBytes: megabyte }).open("token:t1");
  const read = readBody({ request, room }, megabyte);

  const kept = await keptOfBytes(request, 100_000);
  request.push("{}");
  request.push(null);

  expect(kept).toBeLessThan(2 * megabyte);
  expect(await read).toEqual({ kind: "json", value: {} });
});

/** A machine that does other things as well reads bodies slowly. */
const patiently = { timeout: 20_000 };

test("a question of the guard names at most 1,000 paths or claims", async () => {
  const token = await aToken("agent");
  const ask = async (question: string, body: object): Promise<number> =>
    (await post(`api/v1/hooks/guard-${question}`, token, JSON.stringify(body))).status;
  const paths = Array.from({ length: 1_001 }, (_, at) => `src/${String(at)}.ts`);
  const marks = paths.map((_, fence) => ({ task: "demo/T1", fence }));

  expect(await ask("check", { paths })).toBe(400);
  expect(await ask("lease", { paths })).toBe(400);
  expect(await ask("judge", { marks })).toBe(400);
  expect(await ask("check", { paths: paths.slice(1) })).toBe(200);
});
