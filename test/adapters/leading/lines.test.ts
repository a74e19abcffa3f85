import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openChannel } from "../../../src/adapters/leading/channel.ts";
import type { Channel, ChannelLine } from "../../../src/adapters/leading/channel.ts";
import { listen } from "../../../src/adapters/leading/listener.ts";
import type { Listener, ListenerDeps } from "../../../src/adapters/leading/listener.ts";
import type { Owing } from "../../../src/adapters/leading/owed.ts";
import type { Seat } from "../../../src/adapters/leading/seat.ts";
import { createProcessProbe } from "../../../src/adapters/process/probe.ts";
import type { LooseObject } from "../../../src/core/base/loose-object.ts";

let dir: string;
let seat: Seat;
let listener: Listener;
let channel: Channel;
/** What was handed over, and by whom. */
let lines: { readonly line: string; readonly key: string; readonly speaker: LooseObject }[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "skein-lines-"));
  const { startedAt } = createProcessProbe().self();
  const socket = join(dir, "one.sock");
  seat = { socket, key: "secret", version: "1", store: "/s", pid: process.pid, startedAt };
  lines = [];
});

afterEach(async () => {
  channel.close();
  await listener.close(0);
  rmSync(dir, { recursive: true });
});

async function lead(serveLine: ListenerDeps["serveLine"]): Promise<void> {
  listener = await listen({
    socket: seat.socket,
    key: seat.key,
    serve: async () => Promise.resolve({ kind: "away" }),
    serveLine: async (handed, signal) => {
      const line = Buffer.from(handed.line).toString("utf8");
      lines.push({ ...handed, line });
      return serveLine(handed, signal);
    },
  });
  channel = await openChannel(seat);
}

const speaker = { client: "codex" };

/** A line of an agent, as the bytes of its text. */
function aLine(text: string, odd: Partial<ChannelLine> = {}): ChannelLine {
  return { line: Buffer.from(text).toString("latin1"), key: "auto-a_b-1", speaker, ...odd };
}

/** Hands a line over; an answer as text. */
async function hand(line: ChannelLine): Promise<Owing | string> {
  return new Promise((resolve) => {
    channel.hand(line, (owing) => {
      resolve(owing.kind === "answered" ? Buffer.from(owing.answer).toString("utf8") : owing);
    });
  });
}

describe("a line that is handed to the process that leads", () => {
  test("comes as it was, with its key and who speaks, and is answered with a line", async () => {
    await lead(async ({ key }) => Promise.resolve({ kind: "answered", text: `{"näh":"${key}"}` }));

    const answer = await hand(aLine(`{"id":1,"text":"näh +3 =4 ✓"}`));

    expect(answer).toBe(`{"näh":"auto-a_b-1"}`);
    expect(lines).toEqual([{ line: `{"id":1,"text":"näh +3 =4 ✓"}`, key: "auto-a_b-1", speaker }]);
  });

  test("is answered by itself among many, long ones too", async () => {
    await lead(async ({ key }) => {
      await new Promise((resolve) => setTimeout(resolve, key.endsWith("1") ? 20 : 0));
      return { kind: "answered", text: `${key} ${"ä".repeat(20_000)}` };
    });

    const answers = await Promise.all(
      ["k1", "k2", "k3"].map(async (key) => hand(aLine(`{"a":"${"ü".repeat(9_000)}"}`, { key }))),
    );

    expect(answers).toEqual(["k1", "k2", "k3"].map((key) => `${key} ${"ä".repeat(20_000)}`));
  });

  test("tells who speaks once, and again when another does", async () => {
    await lead(async () => Promise.resolve({ kind: "answered", text: "{}" }));
    const other = { client: "claude" };

    await hand(aLine("{}"));
    await hand(aLine("{}"));
    await hand(aLine("{}", { speaker: other }));

    expect(lines.map((each) => each.speaker)).toEqual([speaker, speaker, other]);
    expect(lines[0]?.speaker).toBe(lines[1]?.speaker);
  });

  test("is odd where the leader does no such call, and lost where it does none", async () => {
    await lead(async ({ key }) => Promise.resolve({ kind: key === "k1" ? "odd" : "away" }));

    expect(await hand(aLine("{}", { key: "k1" }))).toEqual({ kind: "odd" });
    expect(await hand(aLine("{}", { key: "k2" }))).toEqual({ kind: "lost", isFrozen: false });
  });

  test("is no longer wanted once its agent says so", async () => {
    const wanted: AbortSignal[] = [];
    await lead(async (_line, signal) => {
      wanted.push(signal);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return { kind: "away" };
    });

    const end = await new Promise<Owing>((resolve) => {
      const cancel = channel.hand(aLine("{}"), resolve);
      cancel();
    });

    expect(end).toEqual({ kind: "lost", isFrozen: false });
    expect(wanted.map(({ aborted }) => aborted)).toEqual([true]);
  });

  test("is lost with the leader, and with a channel that is closed", async () => {
    await lead(async () => new Promise(() => undefined));
    const handed = hand(aLine("{}"));

    channel.close();

    expect(await handed).toEqual({ kind: "lost", isFrozen: false });
    expect(await hand(aLine("{}"))).toEqual({ kind: "lost", isFrozen: false });
  });

  test("is not done by a leader that ends, which answers what it has begun", async () => {
    const over = new AbortController();
    await lead(async ({ key }) => {
      await new Promise((resolve) => over.signal.addEventListener("abort", resolve));
      return { kind: "answered", text: key };
    });
    const first = hand(aLine("{}", { key: "k1" }));
    await vi.waitFor(() => expect(lines).toHaveLength(1));

    const closing = listener.close(5_000);
    const second = await hand(aLine("{}", { key: "k2" }));
    over.abort();

    expect(second).toEqual({ kind: "lost", isFrozen: false });
    expect(await first).toBe("k1");
    await closing;
    expect(lines.map(({ key }) => key)).toEqual(["k1"]);
  });

  test("is not done for whoever has not said the key, nor for nobody", async () => {
    await lead(async () => Promise.resolve({ kind: "answered", text: "{}" }));
    const heard: string[] = [];
    const say = async (text: string): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect(seat.socket);
        socket.on("data", (chunk: Buffer) => {
          heard.push(chunk.toString("utf8"));
          socket.destroy();
        });
        socket.once("close", () => resolve());
        socket.write(text);
      });

    await say("+1 k {}\n");
    await say(`${JSON.stringify({ key: seat.key })}\n+1 k {}\n`);

    expect(lines).toEqual([]);
    expect(heard).toEqual([`{"id":1,"away":false}\n`]);
  });
});
