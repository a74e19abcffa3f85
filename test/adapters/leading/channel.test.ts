import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openChannel } from "../../../src/adapters/leading/channel.ts";
import type { Channel, ChannelCall } from "../../../src/adapters/leading/channel.ts";
import { listen } from "../../../src/adapters/leading/listener.ts";
import type {
  HandedAnswer,
  HandedCall,
  Listener,
  ListenerDeps,
} from "../../../src/adapters/leading/listener.ts";
import { freshSocket } from "../../../src/adapters/leading/place.ts";
import type { Seat } from "../../../src/adapters/leading/seat.ts";
import { hearConnections } from "../../../src/adapters/process/hear-connections.ts";
import { createProcessProbe } from "../../../src/adapters/process/probe.ts";

let dir: string;
let seat: Seat;
let listener: Listener | null;
let channels: Channel[];
let served: HandedCall[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "skein-channel-"));
  const { startedAt } = createProcessProbe().self();
  const socket = join(dir, "one.sock");
  seat = { socket, key: "secret", version: "1", store: "/s", pid: process.pid, startedAt };
  listener = null;
  channels = [];
  served = [];
});

afterEach(async () => {
  for (const channel of channels) {
    channel.close();
  }
  await listener?.close(0);
  rmSync(dir, { recursive: true });
});

/** Listens at the seat, and notes each call. */
async function lead(
  serve: ListenerDeps["serve"],
  serveLine: ListenerDeps["serveLine"] = noLine,
): Promise<void> {
  listener = await listen({
    socket: seat.socket,
    key: seat.key,
    serve: async (call, signal) => {
      served.push(call);
      return serve(call, signal);
    },
    serveLine,
  });
}

const noLine: ListenerDeps["serveLine"] = async () => Promise.resolve({ kind: "odd" });

async function joinIn(odd: Partial<Seat> = {}): Promise<Channel> {
  const channel = await openChannel({ ...seat, ...odd }, { silentMs: 1_000, pingMs: 200 });
  channels.push(channel);
  return channel;
}

function aCall(odd: Partial<ChannelCall> = {}): ChannelCall {
  return {
    tool: "send_message",
    body: { to: "all", text: "näh\n" },
    caller: { externalId: "a:1" },
    isWaiting: false,
    signal: new AbortController().signal,
    ...odd,
  };
}

const done = async (): Promise<HandedAnswer> =>
  Promise.resolve({ kind: "answered", text: `{"id":"M1"}` });

describe("a channel to the process that leads", () => {
  test("hands calls over and brings their answers, each to its own", async () => {
    await lead(async ({ body }) => {
      await new Promise((resolve) => setTimeout(resolve, body["at"] === 1 ? 30 : 0));
      return { kind: "answered", text: JSON.stringify({ at: body["at"], text: "näh\n=4 " }) };
    });
    const channel = await joinIn();

    const answers = await Promise.all(
      [1, 2, 3].map(async (at) => channel.ask(aCall({ body: { at } }))),
    );

    expect(answers).toEqual(
      [1, 2, 3].map((at) => ({
        kind: "answered",
        text: JSON.stringify({ at, text: "näh\n=4 " }),
      })),
    );
    expect(served[0]).toMatchObject({ tool: "send_message", caller: { externalId: "a:1" } });
  });

  test("does nothing for whoever does not know the key", async () => {
    await lead(done);

    const answer = await (await joinIn({ key: "guess" })).ask(aCall());

    expect(answer).toEqual({ kind: "lost", isFrozen: false });
    expect(served).toEqual([]);
  });

  test.each([
    ["no JSON", "hello\n"],
    ["a call before the key", `{"id":1,"call":{"tool":"send_message","body":{},"caller":{}}}\n`],
    ["a list", "[]\n"],
  ])("hangs up on %s", async (_what, text) => {
    await lead(done);
    const socket: Socket = connect(seat.socket);
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));

    socket.write(text);

    await closed;
    expect(served).toEqual([]);
  });

  test("tells the leader that an answer is no longer wanted", async () => {
    let isStopped = false;
    await lead(
      async (_call, signal) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            isStopped = true;
            resolve({ kind: "away" });
          });
        }),
    );
    const over = new AbortController();
    const asked = (await joinIn()).ask(aCall({ isWaiting: true, signal: over.signal }));
    await until(() => served.length === 1);

    over.abort();

    expect(await asked).toEqual({ kind: "lost", isFrozen: false });
    expect(isStopped).toBe(true);
  });

  test("is lost with the leader, and whoever calls is told at once", async () => {
    await lead(async () => new Promise(() => undefined));
    const channel = await joinIn();
    const asked = channel.ask(aCall());
    await until(() => served.length === 1);

    await listener?.close(0);

    expect(await asked).toEqual({ kind: "lost", isFrozen: false });
    expect(channel.isOpen()).toBe(false);
    expect(await channel.ask(aCall())).toEqual({ kind: "lost", isFrozen: false });
  });

  test("a leader that ends answers what it has begun, and takes nothing more", async () => {
    const over = new AbortController();
    await lead(async () => {
      await new Promise((resolve) => over.signal.addEventListener("abort", resolve));
      return done();
    });
    const channel = await joinIn();
    const first = channel.ask(aCall());
    await until(() => served.length === 1);

    const closing = listener?.close(5_000);
    const second = await channel.ask(aCall());
    over.abort();

    expect(second).toEqual({ kind: "lost", isFrozen: false });
    expect(await first).toEqual({ kind: "answered", text: `{"id":"M1"}` });
    await closing;
    expect(served).toHaveLength(1);
  });

  test.runIf(process.platform === "linux")(
    "notices that the leader's process stands still, also for a call that may wait long",
    async () => {
      await lead(async () => new Promise(() => undefined));
      const frozen = spawn("sleep", ["60"]);
      frozen.kill("SIGSTOP");
      const channel = await joinIn({ pid: frozen.pid ?? 0, startedAt: "" });

      const answers = await Promise.all([
        channel.ask(aCall()),
        channel.ask(aCall({ isWaiting: true })),
      ]);
      frozen.kill("SIGKILL");

      expect(answers).toEqual([
        { kind: "lost", isFrozen: true },
        { kind: "lost", isFrozen: true },
      ]);
    },
  );

  test("a leader that lives may take its time", async () => {
    await lead(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_800));
      return done();
    });

    expect(await (await joinIn()).ask(aCall())).toMatchObject({ kind: "answered" });
  });

  test("a leader that runs and hears nothing is given up, also by a call that may wait long", async () => {
    const deaf = createServer((socket) => socket.resume()).listen(seat.socket);
    const channel = await joinIn();

    expect(await channel.ask(aCall({ isWaiting: true }))).toEqual({
      kind: "lost",
      isFrozen: false,
    });

    deaf.close();
  });

  test("a leader that hears may let a call wait", { timeout: 20_000 }, async () => {
    await lead(async () => {
      await new Promise((resolve) => setTimeout(resolve, 8_000));
      return done();
    });

    expect(await (await joinIn()).ask(aCall({ isWaiting: true }))).toMatchObject({
      kind: "answered",
    });
  });

  test("what nobody wants any more is not handed over", async () => {
    await lead(done);

    const answer = await (await joinIn()).ask(aCall({ signal: AbortSignal.abort() }));
    await (await joinIn()).ask(aCall({ tool: "finish_task" }));

    expect(answer).toEqual({ kind: "lost", isFrozen: false });
    expect(served.map(({ tool }) => tool)).toEqual(["finish_task"]);
  });

  test("nothing looks at a leader whose channel was closed before a call that waits", async () => {
    await lead(done);
    const channel = await joinIn();
    channel.close();
    const timers = vi.spyOn(globalThis, "setTimeout");

    await channel.ask(aCall({ isWaiting: true }));
    const count = timers.mock.calls.length;

    expect(count).toBe(0);
  });

  test("its socket is gone after it ended", async () => {
    await lead(done);

    await listener?.close(0);

    expect(existsSync(seat.socket)).toBe(false);
    await expect(openChannel(seat)).rejects.toThrow(/ENOENT|ECONNREFUSED/u);
  });
});

describe("listen", () => {
  test("hangs up on whoever never says the key", { timeout: 10_000 }, async () => {
    await lead(done);
    const silent: Socket = connect(seat.socket);
    const closed = new Promise<void>((resolve) => silent.once("close", () => resolve()));
    const channel = await joinIn();

    await closed;

    expect(await channel.ask(aCall())).toMatchObject({ kind: "answered" });
  });

  test("ends though somebody does not read what was answered", async () => {
    const text = JSON.stringify({ text: "x".repeat(1_000_000) });
    await lead(async () => Promise.resolve({ kind: "answered", text }));
    const deaf = connect(seat.socket).pause();
    const call = { tool: "send_message", body: {}, caller: {} };
    deaf.write(`${JSON.stringify({ key: seat.key })}\n${JSON.stringify({ id: 1, call })}\n`);
    await until(() => served.length === 1);
    const startMs = performance.now();

    await listener?.close(5_000);

    expect(performance.now() - startMs).toBeLessThan(3_000);
    let heardBytes = 0;
    deaf.resume();
    deaf.on("data", (chunk: Buffer) => {
      heardBytes += chunk.length;
    });
    await new Promise<void>((resolve) => deaf.once("close", () => resolve()));
    // Whatever else was written would keep this process until somebody read it.
    expect(heardBytes).toBeLessThan(1_000_000);
  });

  test("hears of a connection that ended before a call is begun", async () => {
    let isWanted: boolean | null = null;
    await lead(async (_call, signal) => {
      // Stands still for as long as the caller needs to give it up.
      spawnSync("sleep", ["0.3"]);
      await hearConnections(performance.now());
      isWanted = !signal.aborted;
      return done();
    });
    const line = JSON.stringify({ id: 1, call: { tool: "send_message", body: {}, caller: {} } });
    const giveUp = `
      const socket = require("node:net").connect(${JSON.stringify(seat.socket)});
      socket.write(${JSON.stringify(`${JSON.stringify({ key: seat.key })}
${line}
`)});
      setTimeout(() => socket.destroy(), 100);
    `;

    spawn(process.execPath, ["-e", giveUp]);
    await until(() => isWanted !== null);

    expect(isWanted).toBe(false);
  });

  test("leaves no folder of a socket that had to be elsewhere", async () => {
    const deep = join(dir, "a".repeat(120));
    const socket = freshSocket(deep);
    const far = await listen({ socket, key: seat.key, serve: done, serveLine: noLine });

    await far.close(0);

    expect(existsSync(dirname(socket))).toBe(false);
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
