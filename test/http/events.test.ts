import { afterEach, describe, expect, test } from "vitest";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpStand } from "../support/http-stand.ts";

let stand: HttpStand;

afterEach(async () => {
  await stand.close();
});

/** Reads a stream until it has so many events, then leaves it; tells their numbers. */
async function readEvents(since: number | null, count: number): Promise<readonly number[]> {
  const leave = new AbortController();
  const seen: number[] = [];
  const headers = {
    authorization: `Bearer ${stand.token}`,
    ...(since === null ? {} : { "last-event-id": String(since) }),
  };
  const response = await fetch(`${stand.url}/api/v1/events`, { headers, signal: leave.signal });
  let text = "";
  const decoder = new TextDecoder();
  for await (const part of response.body ?? []) {
    text += decoder.decode(part, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const seq = /^id: (\d+)\ndata: /u.exec(block)?.[1];
      if (seq !== undefined && seen.length < count) {
        seen.push(Number(seq));
      }
    }
    if (seen.length === count) {
      break;
    }
  }
  leave.abort();
  return seen;
}

async function say(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await stand.call("send_message", { to: "all", text: `message ${String(n)}` });
  }
}

async function headSeq(): Promise<number> {
  const { store, events } = stand.repository.project.skein;
  return (await store.read((reader) => events.head(reader))).seq;
}

describe("GET api/v1/events", () => {
  test("tells every event once and in order to readers that come and go while the log grows", async () => {
    stand = await createHttpStand();
    await say(1);
    const first = await headSeq();
    const writing = say(60);
    const readers = [3, 7, 11].map(async (step) => {
      const seen: number[] = [];
      while (seen.length < 60) {
        seen.push(...(await readEvents(first + seen.length, Math.min(step, 60 - seen.length))));
      }
      return seen;
    });
    await writing;
    const all = await Promise.all(readers);

    for (const seen of all) {
      expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => first + 1 + index));
    }
  });

  test("begins at the present end for who does not say where", async () => {
    stand = await createHttpStand();
    await say(3);
    const head = await headSeq();
    const reading = readEvents(null, 1);
    await expect
      .poll(async () => (await stand.ask("healthz")).body["load"])
      .toMatchObject({
        sleeping: 1,
      });
    await say(1);
    const [seq] = await reading;

    expect(seq).toBeGreaterThan(head);
  });

  test.each(["x", "-1", "1.5"])("refuses %s as a place in the log", async (since) => {
    stand = await createHttpStand();
    const answer = await stand.ask(`api/v1/events?since=${since}`);

    expect(answer.status).toBe(400);
  });

  test("refuses a place behind the end of the log and tells the newest event", async () => {
    stand = await createHttpStand();
    await say(1);
    const head = await headSeq();
    const asked = await stand.ask(`api/v1/events?since=${String(head + 1)}`);
    const headers = { authorization: `Bearer ${stand.token}`, "last-event-id": "999999999999999" };
    const resumed = await fetch(`${stand.url}/api/v1/events?since=0`, { headers });

    expect([asked.status, resumed.status]).toEqual([404, 404]);
    expect(asked.body).toMatchObject({
      error: {
        code: "SKN-5202",
        message: `The newest event is ${String(head)}; asked for those after ${String(head + 1)}.`,
      },
    });
  });

  test("gives a sign of life, and a last word when the server ends", async () => {
    stand = await createHttpStand({ streams: { beatMs: 30, slowMs: 5_000 } });
    const headers = { authorization: `Bearer ${stand.token}` };
    const response = await fetch(`${stand.url}/api/v1/events`, { headers });
    let text = "";
    let draining: Promise<boolean> | null = null;
    for await (const part of response.body ?? []) {
      text += new TextDecoder().decode(part);
      if (text.includes(": beat")) {
        draining ??= stand.server.drain({ noticeMs: 0, withinMs: 5_000 });
      }
    }
    const isWhole = await draining;

    expect(isWhole).toBe(true);
    expect(text).toContain(": beat\n\n");
    expect(text).toMatch(/event: end\ndata: \{"reason":/u);
  });

  test("cuts a reader off that takes nothing, and holds up nobody else", async () => {
    // The one that reads shares this process: what it does with a page of 2 MB must not pass for slowness.
    stand = await createHttpStand({ streams: { beatMs: 1_000, slowMs: 1_500 } });
    const { port } = new URL(stand.url);
    // More than the buffers between the two hold.
    await fillLog(24_000_000);
    const sockets = Array.from({ length: 4 }, () => connect(Number(port), "127.0.0.1"));
    for (const socket of sockets) {
      socket.pause();
      socket.write(
        `GET /api/v1/events?since=0 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${stand.token}\r\n\r\n`,
      );
    }
    const seen = await readEvents(0, 400);
    expect(seen).toHaveLength(400);
    await expect
      .poll(async () => (await stand.ask("metrics")).text, { timeout: 20_000 })
      .toContain('skein_http_request_seconds_count{route="events",code="2xx"} 5');
    close(sockets);
  });
});

async function fillLog(bytes: number): Promise<void> {
  const { store, events } = stand.repository.project.skein;
  const text = "x".repeat(20_000);
  await store.write(async (tx) => {
    for (let written = 0; written < bytes; written += text.length) {
      await events.append(tx, {
        kind: "note.made",
        actor: "person:ada",
        cause: null,
        data: { text },
        changes: [],
      });
    }
  });
}

function close(sockets: readonly Socket[]): void {
  for (const socket of sockets) {
    socket.destroy();
  }
}
