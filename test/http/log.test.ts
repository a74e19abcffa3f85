import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { withNote } from "../../src/http/log/request-note.ts";
import { createServerLog } from "../../src/http/log/server-log.ts";
import type { AnsweredRequest, LogFormat, ServerLog } from "../../src/http/log/server-log.ts";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpStand } from "../support/http-stand.ts";

const secret = "a-password-of-the-database-4711";

const answered: AnsweredRequest = {
  id: "1",
  traceId: null,
  principal: null,
  project: null,
  action: null,
  code: null,
  method: "GET",
  route: "tools",
  status: 200,
  durationMs: 1,
  isWhole: true,
};

function anIncoming(headers: Readonly<Record<string, string>>): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  Object.assign(request.headers, headers);
  return request;
}

function aLog(format: LogFormat): { readonly log: ServerLog; readonly lines: string[] } {
  const lines: string[] = [];
  const log = createServerLog({
    format,
    secrets: [secret],
    nowMs: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6),
    write: (line) => lines.push(line),
  });
  return { log, lines };
}

describe("createServerLog", () => {
  test("writes an object a line, with time and level", () => {
    const { log, lines } = aLog("json");

    log.line("ending: finishing what has begun");
    log.warn("bus: redis is down");
    log.fault("internal error ab12: Error: no\n    at place");

    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      {
        time: "2026-01-02T03:04:05.006Z",
        level: "info",
        event: "server",
        message: "ending: finishing what has begun",
      },
      expect.objectContaining({ level: "warn", message: "bus: redis is down" }),
      expect.objectContaining({
        level: "error",
        message: "internal error ab12: Error: no\n    at place",
      }),
    ]);
    expect(lines.join("")).not.toContain("\n");
  });

  test.each(["text", "json"] as const)("bounds what it tells of one thing (%s)", (format) => {
    const { log, lines } = aLog(format);

    log.fault("x ".repeat(100_000));

    expect(lines.join("").length).toBeLessThan(17_000);
  });

  test.each(["text", "json"] as const)("takes secrets out of every line (%s)", (format) => {
    const { log, lines } = aLog(format);
    const token = `skein_acme~2fshop_t12_${"0123456789abcdefghjkmnpqrs".repeat(2)}`;

    log.line(`cannot connect as skein:${secret}@db`);
    log.fault(`upstream sent Bearer abcdefgh-12345678 and ${token}`);
    log.warn(`key sk-ant-api03-${"A1b2".repeat(23)}AA`);

    const all = lines.join("\n");
    expect(all).toContain("cannot connect as skein:");
    expect(all).not.toMatch(/4711|abcdefgh-1234|0123456789abc|A1b2A1b2/u);
  });

  test("says nothing of requests to people", () => {
    const { log, lines } = aLog("text");

    log.request(answered);

    expect(lines).toEqual([]);
  });

  test("has the level of a request from its status, and says so when its caller left", () => {
    const { log, lines } = aLog("json");

    for (const status of [399, 400, 499, 500]) {
      log.request({ ...answered, status });
    }
    log.request({ ...answered, isWhole: false });

    const told = lines.map((line): Record<string, unknown> => JSON.parse(line));
    expect(told.map(({ level }) => level)).toEqual(["info", "warn", "warn", "error", "info"]);
    expect(told.map((each) => each["client_left"])).toEqual([...Array(4).fill(undefined), true]);
  });

  test("bears the id of the request within which something happens, and none without", () => {
    const { log, lines } = aLog("json");

    log.warn("before");
    withNote(anIncoming({ "x-request-id": "edge-7" }), () => {
      log.warn("within");
    });

    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      expect.not.objectContaining({ request_id: expect.anything() }),
      expect.objectContaining({ message: "within", request_id: "edge-7" }),
    ]);
  });

  test.each([
    ["x".repeat(64), true],
    ["x".repeat(65), false],
    ["a b", false],
  ])("takes the id %j that is given: %s", (id, isTaken) => {
    const given = withNote(anIncoming({ "x-request-id": id }), (note) => note.id);

    expect(given === id).toBe(isTaken);
  });
});

describe("the log of a server", () => {
  const { log, lines } = aLog("json");
  let stand: HttpStand;
  beforeAll(async () => {
    stand = await createHttpStand({
      log: log.line,
      logFault: log.fault,
      logRequest: log.request,
    });
  });
  afterAll(async () => {
    await stand.close();
  });
  beforeEach(() => {
    lines.length = 0;
  });

  const told = (): readonly Record<string, unknown>[] =>
    lines.map((line) => {
      const object: Record<string, unknown> = JSON.parse(line);
      return object;
    });

  test("has a line for a call: who, where, what, how it ended and how long it took", async () => {
    const answer = await stand.call("claim_files", { paths: ["src/secret-plan.ts"] });

    expect(answer.status).toBe(200);
    expect(told()).toEqual([
      {
        time: expect.any(String),
        level: "info",
        event: "request",
        request_id: answer.headers.get("x-request-id"),
        principal: "loopback",
        project: "local",
        method: "POST",
        route: "tools",
        action: "tool:claim_files",
        status: 200,
        duration_ms: expect.any(Number),
      },
    ]);
    expect(lines.join("")).not.toContain("secret-plan");
    expect(lines.join("")).not.toContain(stand.token);
  });

  test("takes over the id and the trace that a proxy gives, where they are harmless", async () => {
    const trace = "0af7651916cd43dd8448eb211c80319c";
    const answer = await stand.ask("api/v1/openapi.json", {
      headers: { "x-request-id": "edge-1", traceparent: `00-${trace}-b7ad6b7169203331-01` },
    });
    const hostile = await stand.ask("api/v1/openapi.json", {
      headers: { "x-request-id": 'a" ,"level":"error', traceparent: "00-zz" },
    });

    expect(answer.headers.get("x-request-id")).toBe("edge-1");
    expect(told()[0]).toMatchObject({ request_id: "edge-1", trace_id: trace });
    expect(hostile.headers.get("x-request-id")).toMatch(/^[0-9a-f]{16}$/u);
    expect(told()[1]).toMatchObject({ level: "info", status: 200 });
    expect(told()[1]).not.toHaveProperty("trace_id");
  });

  test("names the error of a request that failed, and nobody who did not prove who they are", async () => {
    await stand.ask("api/v1/tools/look", {
      method: "POST",
      body: {},
      headers: { authorization: "Bearer wrong-token-12345" },
    });
    await stand.ask("p/other/api/v1/tools/look", { method: "POST", body: {} });
    await stand.ask("api/v1/tools/nothing", { method: "POST", body: {} });

    expect(told()).toMatchObject([
      { level: "warn", status: 401, code: "SKN-3931", principal: null, route: "tools" },
      { level: "warn", status: 404, code: "SKN-5935", project: "other" },
      { level: "warn", status: 404, code: "SKN-5933" },
    ]);
    expect(lines.join("")).not.toContain("wrong-token");
  });

  test("says of a call over MCP which tool it was, and nothing of probes that are answered well", async () => {
    const client = await stand.connect();
    await client.callTool({ name: "look", arguments: { at: "board" } });
    await client.close();
    for (const probe of ["livez", "readyz", "metrics"]) {
      expect((await stand.ask(probe)).status).toBe(200);
    }

    expect(told().map(({ route }) => route)).not.toContain("livez");
    expect(told()).toContainEqual(
      expect.objectContaining({ route: "mcp", action: "tool:look", status: 200 }),
    );
  });
});
