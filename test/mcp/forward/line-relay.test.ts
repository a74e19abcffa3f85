import { beforeEach, describe, expect, test } from "vitest";
import type { ChannelLine } from "../../../src/adapters/leading/channel.ts";
import type { Owing } from "../../../src/adapters/leading/owed.ts";
import type { LooseObject } from "../../../src/core/base/loose-object.ts";
import { createLineRelay } from "../../../src/mcp/forward/line-relay.ts";
import type { LineRelay } from "../../../src/mcp/forward/line-relay.ts";
import type { Leading } from "../../../src/mcp/forward/local-acts.ts";
import type { LineEnd } from "../../../src/mcp/stdio/line-entry.ts";

let [isNear, isLeading, isBroken] = [true, false, false];
let speaker: LooseObject | null;
let relay: LineRelay;
let handed: ChannelLine[];
let settle: ((owing: Owing) => void)[];
let canceled: number[];
let ends: LineEnd[];

/** An elected leader that answers when it is told to. */
const leading: Leading = {
  leader: {
    ask: async () => Promise.resolve(null),
    isNear: () => isNear,
    askNear: async () => Promise.resolve(null),
    handNear: (line, end) => {
      if (isBroken) {
        throw new Error("the way to it is broken");
      }
      if (!isNear) {
        return null;
      }
      const at = handed.push(line) - 1;
      settle.push(end);
      return () => {
        canceled.push(at);
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

beforeEach(() => {
  [isNear, isLeading, isBroken] = [true, false, false];
  speaker = { client: "codex" };
  relay = createLineRelay({ leading: () => leading, speaker: () => speaker });
  [handed, settle, canceled, ends] = [[], [], [], []];
});

const plain = { name: "send_message", arguments: { to: "all", text: "näh" } };

function lineOf(params: object = plain, id: number | string = 1): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params });
}

function take(text: string): boolean {
  return relay.takeLine(Buffer.from(text), (end) => {
    ends.push(end);
  });
}

const lost: Owing = { kind: "lost", isFrozen: false };

describe("createLineRelay", () => {
  test("hands a plain call on as it came, with a key and who speaks, and answers with what comes back", () => {
    const answer = Buffer.from("{}");

    const isTaken = take(lineOf());
    settle[0]?.({ kind: "answered", answer });

    expect(isTaken).toBe(true);
    expect(Buffer.from(handed[0]?.line ?? "", "latin1").toString("utf8")).toBe(lineOf());
    expect(handed[0]).toMatchObject({ key: expect.stringMatching(/^auto-[\w-]+$/u), speaker });
    expect(ends).toEqual([{ kind: "answered", answer }]);
  });

  test.each([
    ["next_task", {}],
    ["update_task", { task: "T1", fence: 1 }],
    ["finish_task", { task: "T1", fence: 1, outcome: "submitted", summary: "s" }],
  ])("hands %s on", (name, args) => {
    expect(take(lineOf({ name, arguments: args }))).toBe(true);
  });

  test.each([
    ["paths to claim", { name: "claim_files", arguments: { paths: ["a"] } }],
    ["more paths", { name: "update_task", arguments: { add_paths: ["a"] } }],
    ["a wait", { name: "next_task", arguments: { wait_seconds: 1 } }],
    ["another tool", { name: "look", arguments: {} }],
    [
      "an edition that tells itself with each request",
      { ...plain, _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } },
    ],
    ["a very long line", { ...plain, arguments: { to: "all", text: "x".repeat(70_000) } }],
  ])("leaves %s to be read here", (_what, params) => {
    expect(take(lineOf(params))).toBe(false);
    expect(handed).toEqual([]);
  });

  test.each([
    ["while no leader is at hand", () => (isNear = false)],
    ["while this process leads", () => (isLeading = true)],
    ["before it is known who speaks", () => (speaker = null)],
  ])("leaves all lines to be read here %s", (_when, prepare) => {
    prepare();

    expect(take(lineOf())).toBe(false);
  });

  test("has a line read here that the leader finds odd", () => {
    take(lineOf());

    settle[0]?.({ kind: "odd" });

    expect(ends).toEqual([{ kind: "read", line: Buffer.from(lineOf()) }]);
  });

  test("has a call whose leader is lost served here, under the key that it was told", () => {
    take(lineOf());

    settle[0]?.(lost);

    expect(ends).toEqual([
      {
        kind: "served",
        message: JSON.parse(
          lineOf({ ...plain, arguments: { ...plain.arguments, key: handed[0]?.key } }),
        ),
      },
    ]);
  });

  test("keeps the key that an agent gave", () => {
    const params = { ...plain, arguments: { ...plain.arguments, key: "mine" } };
    take(lineOf(params));

    settle[0]?.(lost);

    expect(ends).toEqual([{ kind: "served", message: JSON.parse(lineOf(params)) }]);
  });

  test("has a line that is no good read here when its leader is lost", () => {
    const broken = lineOf().slice(0, -1);
    take(broken);

    settle[0]?.(lost);

    expect(ends).toEqual([{ kind: "read", line: Buffer.from(broken) }]);
  });

  test("has a call served here where handing it on fails: its agent waits for an answer", () => {
    isBroken = true;

    expect(take(lineOf())).toBe(true);

    expect(ends).toMatchObject([{ kind: "served", message: { id: 1 } }]);
  });

  test.each([
    lost,
    { kind: "odd" } as const,
    { kind: "answered", answer: Buffer.from("{}") } as const,
  ])(
    "neither answers nor serves a call that was canceled, whatever comes of it ($kind)",
    (owing) => {
      take(lineOf(plain, "a"));
      take(lineOf(plain, 2));

      relay.cancel("a");
      settle[0]?.(owing);

      expect(canceled).toEqual([0]);
      expect(ends).toEqual([{ kind: "dropped" }]);
    },
  );

  test("ends each line once", () => {
    take(lineOf());

    settle[0]?.({ kind: "odd" });
    settle[0]?.(lost);

    expect(ends).toHaveLength(1);
  });
});
