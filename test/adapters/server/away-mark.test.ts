import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAwayMark } from "../../../src/adapters/server/away-mark.ts";
import type { AwayMark } from "../../../src/adapters/server/away-mark.ts";
import { createServerClient } from "../../../src/adapters/server/client.ts";
import type { Question, ServerClient } from "../../../src/adapters/server/index.ts";
import type { OpenAnswer } from "../../../src/adapters/server/exchange.ts";
import { parseServerAddress } from "../../../src/adapters/server/index.ts";

const address = parseServerAddress("http://127.0.0.1:7433/p/shop");

let storeDir = "";
let nowMs = 0;

beforeEach(() => {
  storeDir = mkdtempSync(join(tmpdir(), "skein-away-"));
  nowMs = 1_000_000;
});

afterEach(() => {
  rmSync(storeDir, { recursive: true });
});

/** A program of the clone, and the server as it finds it. Time passes only while it waits. */
function aProgram(isThere: () => boolean): {
  readonly client: ServerClient;
  readonly tries: () => number;
  readonly told: readonly boolean[];
} {
  let tries = 0;
  const told: boolean[] = [];
  const client = createServerClient({
    address,
    sending: {
      send: async () => {
        tries += 1;
        return isThere() ? Promise.resolve(yes) : Promise.reject(refused());
      },
      close: () => undefined,
    },
    token: async () => Promise.resolve(null),
    timer: {
      nowMs: () => nowMs,
      sleep: async (ms) => {
        nowMs += ms;
        return Promise.resolve();
      },
    },
    chance: () => 0.5,
    away: createAwayMark({ storeDir, origin: address.origin, nowMs: () => nowMs }),
    onReach: (there) => told.push(there),
  });
  return { client, tries: () => tries, told };
}

const yes: OpenAnswer = {
  status: 200,
  headers: {},
  pieces: async function* pieces() {
    yield await Promise.resolve('{"ok":true}');
  },
  drop: () => undefined,
};

function refused(): Error {
  return Object.assign(new Error("connect ECONNREFUSED"), { wasSent: false });
}

const question: Question = {
  body: { a: 1 },
  isRepeatable: true,
  patienceMs: 3_000,
  signal: null,
};

const isNever = (): boolean => false;

describe("a server that is away", () => {
  test("is tried for a while by whoever finds it so, and once by all who come after", async () => {
    const first = aProgram(isNever);
    await expect(first.client.ask("x", question)).rejects.toMatchObject({ code: "SKN-7921" });
    await expect(first.client.ask("x", question)).rejects.toMatchObject({ code: "SKN-7921" });
    const second = aProgram(isNever);
    await expect(second.client.ask("x", question)).rejects.toMatchObject({ code: "SKN-7921" });

    // At 0, 100, 300, 700 and 1,500 ms, and then once.
    expect([first.tries(), second.tries()]).toEqual([5 + 1, 1]);
    expect([first.told, second.told]).toEqual([[false], [false]]);
  });

  test("is waited for no longer than a question allows", async () => {
    const program = aProgram(isNever);

    await expect(program.client.ask("x", { ...question, awayMs: 300 })).rejects.toMatchObject({
      code: "SKN-7921",
    });

    expect(program.tries()).toBe(3);
  });

  test("is found with the first try when it is back, and waited for again the next time", async () => {
    let isThere = false;
    const program = aProgram(() => isThere);
    await expect(program.client.ask("x", question)).rejects.toMatchObject({ code: "SKN-7921" });
    isThere = true;

    expect(await program.client.ask("x", question)).toEqual({ ok: true });

    isThere = false;
    const other = aProgram(isNever);
    await expect(other.client.ask("x", question)).rejects.toMatchObject({ code: "SKN-7921" });
    expect(other.tries()).toBe(5);
    expect(program.told).toEqual([false, true]);
  });

  test("is waited for again after half a minute", async () => {
    await expect(aProgram(isNever).client.ask("x", question)).rejects.toThrow("cannot be reached");
    nowMs += 30_000;
    const later = aProgram(isNever);

    await expect(later.client.ask("x", question)).rejects.toThrow("cannot be reached");

    expect(later.tries()).toBe(5);
  });

  test("is not told away by whoever gave up by itself", async () => {
    const stop = new AbortController();
    stop.abort();
    const hasty = aProgram(isNever);
    await expect(hasty.client.ask("x", { ...question, signal: stop.signal })).rejects.toMatchObject(
      { code: "SKN-7921" },
    );
    const next = aProgram(isNever);

    await expect(next.client.ask("x", question)).rejects.toMatchObject({ code: "SKN-7921" });

    expect(next.tries()).toBe(5);
  });
});

function markOf(origin = address.origin): AwayMark {
  return createAwayMark({ storeDir, origin, nowMs: () => nowMs });
}

describe("createAwayMark", () => {
  test("is of one server, and nobody else's to read", () => {
    markOf().set();

    expect(markOf().isSet()).toBe(true);
    expect(markOf("https://other.example").isSet()).toBe(false);
    expect(statSync(join(storeDir, "server-away.json")).mode & 0o777).toBe(0o600);
  });

  test("is taken back for all programs by the one that reaches the server", () => {
    const [finder, other] = [markOf(), markOf()];
    finder.set();

    other.clear();

    expect([finder.isSet(), other.isSet()]).toEqual([false, false]);
  });

  test("does not count from the future, nor in words that are no mark", () => {
    markOf().set();
    nowMs -= 1;
    expect(markOf().isSet()).toBe(false);

    for (const text of ["", "{", "[]", '{"origin":1}', '{"at_ms":1}']) {
      writeFileSync(join(storeDir, "server-away.json"), text);
      expect(markOf().isSet()).toBe(false);
    }
  });

  test("follows no link, and does without a place", () => {
    const elsewhere = join(storeDir, "elsewhere");
    writeFileSync(elsewhere, "kept");
    symlinkSync(elsewhere, join(storeDir, "server-away.json"));

    const mark = markOf();
    mark.set();

    expect(statSync(elsewhere).size).toBe(4);
    expect(mark.isSet()).toBe(true);
    const nowhere = createAwayMark({
      storeDir: join(elsewhere, "below"),
      origin: address.origin,
      nowMs: () => nowMs,
    });
    nowhere.set();
    expect(nowhere.isSet()).toBe(true);
    nowhere.clear();
    expect(nowhere.isSet()).toBe(false);
  });
});
