import { PassThrough } from "node:stream";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ChannelLine } from "../../../src/adapters/leading/channel.ts";
import type { Leading } from "../../../src/mcp/forward/local-acts.ts";
import { createRelay } from "../../../src/mcp/forward/relay.ts";
import type { Relay } from "../../../src/mcp/forward/relay.ts";
import type { LeaderCall } from "../../../src/mcp/forward/way.ts";
import { createMcpContext } from "../../../src/mcp/main.ts";
import { createProjectSource } from "../../../src/mcp/project-source.ts";
import type { ProjectSource } from "../../../src/mcp/project-source.ts";
import { createCoordinatedRepository, plainEnv } from "../../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../../support/coordinated-repository.ts";

let repository: CoordinatedRepository;
let source: ProjectSource;
let relay: Relay;
let handed: LeaderCall[];
let lines: ChannelLine[];
let canceled: number;
let settle: ((text: string | null) => void)[];
let [isNear, isLeading, isBroken] = [true, false, false];
let answered: (readonly [string | number, string])[];
let served: JSONRPCMessage[];

/** An elected leader that answers when it is told to. */
const leading: Leading = {
  leader: {
    ask: async () => Promise.resolve(null),
    isNear: () => isNear,
    askNear: async (given) => {
      handed.push(given);
      if (isBroken) {
        throw new Error("the way to it is broken");
      }
      return new Promise((resolve) => {
        settle.push(resolve);
      });
    },
    handNear: (line, end) => {
      lines.push(line);
      settle.push((text) => {
        end(
          text === null
            ? { kind: "lost", isFrozen: false }
            : { kind: "answered", answer: Buffer.from(text) },
        );
      });
      return () => {
        canceled += 1;
      };
    },
    close: () => undefined,
  },
  candidate: {
    isLeading: () => isLeading,
    worked: () => undefined,
    lost: () => undefined,
    close: async () => Promise.resolve(),
  },
};

beforeEach(async () => {
  repository = await createCoordinatedRepository();
  const place = { cwd: repository.root, env: plainEnv };
  source = createProjectSource({ ...place, log: () => undefined });
  const streams = { input: new PassThrough(), output: new PassThrough(), log: new PassThrough() };
  relay = createRelay(createMcpContext({ ...place, streams }, source), () => leading);
  [handed, settle, answered, served] = [[], [], [], []];
  [lines, canceled] = [[], 0];
  [isNear, isLeading, isBroken] = [true, false, false];
});

afterEach(async () => {
  await source.close();
  await repository.remove();
});

function take(message: JSONRPCMessage): boolean {
  return relay.takeOver(message, {
    answer: (id, result) => {
      answered.push([id, result]);
    },
    serve: (given) => {
      served.push(given);
    },
  });
}

function greet(): void {
  const clientInfo = { name: "codex-mcp-client", version: "1" };
  const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo };
  take({ jsonrpc: "2.0", id: 0, method: "initialize", params });
  take({ jsonrpc: "2.0", method: "notifications/initialized" });
}

const plain = { name: "send_message", arguments: { to: "all", text: "hello" } };

function call(params: Readonly<Record<string, unknown>> = plain, id = 1): JSONRPCMessage {
  return { jsonrpc: "2.0", id, method: "tools/call", params: { ...params } };
}

function ignore(): void {
  // Nothing is looked at.
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("createRelay", () => {
  test("hands a call to the leader as its caller's, with a key, and gives its answer as it came", async () => {
    greet();
    const meta = { threadId: "t-1", progressToken: 7 };

    const isTaken = take(call({ ...plain, _meta: meta }, 5));
    await until(() => handed.length === 1);
    settle[0]?.(`{"content":[],"odd":1}`);
    await until(() => answered.length === 1);

    expect(isTaken).toBe(true);
    expect(handed[0]).toMatchObject({
      tool: "send_message",
      body: { to: "all", text: "hello", key: expect.stringMatching(/^auto-/u) },
      caller: {
        client: "codex-mcp-client",
        externalId: "codex:t-1",
        branch: "main",
        root: repository.root,
      },
    });
    expect(answered).toEqual([[5, `{"content":[],"odd":1}`]]);
    expect(served).toEqual([]);
  });

  test("has a call served under its key where handing it on fails: its agent waits for an answer", async () => {
    greet();
    isBroken = true;

    take(call());
    await until(() => served.length === 1);

    expect(served[0]).toMatchObject({
      id: 1,
      params: { arguments: { text: "hello", key: handed[0]?.body["key"] } },
    });
  });

  test.each([
    ["a wait", call({ name: "next_task", arguments: { wait_seconds: 1 } })],
    ["another tool", call({ name: "look", arguments: {} })],
    ["no tool of ours", call({ name: "constructor", arguments: {} })],
    ["no arguments that can be read", call({ ...plain, arguments: ["to"] })],
    ["a task of the protocol", call({ ...plain, task: { ttl: 1 } })],
    [
      "an edition that tells itself with each request",
      call({ ...plain, _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } }),
    ],
    ["another method", { jsonrpc: "2.0", id: 1, method: "tools/list" } as const],
    ["an answer of the client", { jsonrpc: "2.0", id: 1, result: {} } as const],
  ])("leaves %s to its usual way", (_what, message) => {
    greet();

    expect(take(message)).toBe(false);
  });

  test.each([
    ["before the greeting is over", true, () => undefined],
    ["while no leader is at hand", false, greet],
    [
      "while this process leads",
      true,
      () => {
        greet();
        isLeading = true;
      },
    ],
  ])("leaves calls to their usual way %s", (_when, near, prepare) => {
    isNear = near;
    prepare();

    expect(take(call())).toBe(false);
  });

  test("has a call whose leader is lost served here, under the key that it was told", async () => {
    greet();
    take(call());
    await until(() => handed.length === 1);

    settle[0]?.(null);
    await until(() => served.length === 1);

    expect(served).toEqual([call({ ...plain, arguments: { ...handed[0]?.body } })]);
    expect(handed[0]?.body["key"]).toMatch(/^auto-/u);
    expect(answered).toEqual([]);
  });

  test.each([[`{"content":[]}`], [null]])(
    "neither answers nor serves a call that was canceled, whatever comes of it (%s)",
    async (text) => {
      greet();
      take(call());
      await until(() => handed.length === 1);

      take({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
      settle[0]?.(text);
      take(call(plain, 2));
      await until(() => handed.length === 2);

      expect(handed.map(({ signal }) => signal.aborted)).toEqual([true, false]);
      expect([answered, served]).toEqual([[], []]);
    },
  );

  test("has a path that leads out of the repository refused where such calls are told so", async () => {
    greet();
    const message = call({ name: "claim_files", arguments: { paths: ["../out"] } });

    const isTaken = take(message);
    await until(() => served.length === 1);

    expect(isTaken).toBe(true);
    expect(served).toEqual([message]);
    expect(handed).toEqual([]);
  });

  test("hands lines on unread once it is known who speaks, of one client", async () => {
    const isTaken = (): boolean => relay.takeLine(Buffer.from(JSON.stringify(call())), ignore);
    const taken = [isTaken()];
    greet();
    taken.push(isTaken());
    take(call());
    await until(() => handed.length === 1);
    settle[0]?.("{}");
    await until(() => answered.length === 1);

    taken.push(isTaken());
    const clientInfo = { name: "claude-code", version: "1" };
    take({ jsonrpc: "2.0", id: 9, method: "initialize", params: { clientInfo } });
    taken.push(isTaken());

    expect(taken).toEqual([false, false, true, false]);
    expect(lines[0]?.speaker).toMatchObject({
      client: "codex-mcp-client",
      root: repository.root,
      gitDir: repository.project.repository.gitDir,
    });
  });

  test("tells the leader of a line that its agent has canceled", async () => {
    greet();
    take(call());
    await until(() => handed.length === 1);
    settle[0]?.("{}");
    await until(() => answered.length === 1);
    relay.takeLine(Buffer.from(JSON.stringify(call(plain, 7))), ignore);

    take({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 7 } });

    expect(canceled).toBe(1);
  });

  test("leaves a second call of the same id to its usual way while the first is open", async () => {
    greet();
    take(call());

    expect(take(call())).toBe(false);
    await until(() => handed.length === 1);
  });
});
