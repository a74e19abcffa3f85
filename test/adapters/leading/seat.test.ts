import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freshSocket } from "../../../src/adapters/leading/place.ts";
import { readSeat, takeSeat } from "../../../src/adapters/leading/seat.ts";
import { createProcessProbe } from "../../../src/adapters/process/probe.ts";
import { stateOf } from "../../../src/adapters/server/local-server.ts";

let dir: string;
let file: string;
let others: ChildProcess[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "skein-seat-"));
  file = join(dir, "leader.json");
  others = [];
});

afterEach(() => {
  for (const other of others) {
    other.kill("SIGKILL");
  }
  rmSync(dir, { recursive: true });
});

const said = { socket: "/run/one.sock", key: "k", version: "1.0.0", store: "/srv/skein.db" };

/** A process that sleeps, and the text of a seat that it holds. */
function heldByOther(odd: object = {}): { readonly other: ChildProcess; readonly text: string } {
  const other = spawn("sleep", ["60"]);
  others.push(other);
  const stamp = createProcessProbe().stampOf(other.pid ?? 0);
  const { host = "", bootId = "", namespace = "", startedAt = "" } = stamp ?? {};
  const socket = join(dir, "other.sock");
  const process = { host, boot_id: bootId, namespace, pid: other.pid, started_at: startedAt };
  const text = JSON.stringify({ ...said, socket, ...process, ...odd });
  writeFileSync(file, text, { mode: 0o600 });
  writeFileSync(socket, "");
  return { other, text };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("takeSeat", () => {
  test("takes a free one, which others then read", () => {
    const held = takeSeat(file, said);

    expect(readSeat(file)).toMatchObject({ ...said, pid: process.pid });
    expect(held?.renew()).toBe(true);
    held?.leave();
    expect(existsSync(file)).toBe(false);
  });

  test("leaves that of a process that runs", () => {
    const { text } = heldByOther();

    expect(takeSeat(file, said)).toBeNull();

    expect(readFileSync(file, "utf8")).toBe(text);
    expect(existsSync(join(dir, "other.sock"))).toBe(true);
  });

  test("takes that of a process that was killed, and clears its socket away", async () => {
    const { other } = heldByOther();
    other.kill("SIGKILL");
    await until(() => other.signalCode !== null);

    expect(takeSeat(file, said)?.renew()).toBe(true);

    expect(readSeat(file)?.pid).toBe(process.pid);
    expect(existsSync(join(dir, "other.sock"))).toBe(false);
  });

  test.runIf(process.platform === "linux")(
    "takes that of a process that stands still",
    async () => {
      const { other } = heldByOther();
      other.kill("SIGSTOP");
      await until(() => stateOf({ pid: other.pid ?? 0, startedAt: "" }) === "frozen");

      expect(takeSeat(file, said)).not.toBeNull();
    },
  );

  test.each([
    ["of an earlier boot", { boot_id: "another" }],
    ["of a process whose number another one has now", { started_at: "1" }],
    ["without a socket", { socket: "" }],
  ])("takes one %s", (_what, odd) => {
    heldByOther(odd);

    expect(takeSeat(file, said)).not.toBeNull();
  });

  test("leaves one of a process that is listed elsewhere while that one renews it", () => {
    heldByOther({ namespace: "pid:[1]" });

    expect(readSeat(file)).toBeNull();
    expect(takeSeat(file, said)).toBeNull();

    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(file, longAgo, longAgo);
    expect(takeSeat(file, said)).not.toBeNull();
  });

  test("believes and touches no file that others can read", () => {
    const { text } = heldByOther({ started_at: "1" });
    chmodSync(file, 0o644);

    expect(readSeat(file)).toBeNull();
    expect(takeSeat(file, said)).toBeNull();

    expect(readFileSync(file, "utf8")).toBe(text);
  });

  test("is told that another process has taken it over, and leaves that one's", () => {
    const held = takeSeat(file, said);
    const { text } = heldByOther();

    expect(held?.renew()).toBe(false);
    held?.leave();

    expect(readFileSync(file, "utf8")).toBe(text);
  });
});

describe("freshSocket", () => {
  test("is in the store's folder, and elsewhere where that is too deep for a socket", () => {
    const deep = join(dir, "a".repeat(120));

    expect(freshSocket("/srv/repo/.git/skein")).toMatch(
      /^\/srv\/repo\/\.git\/skein\/leader-\d+-[0-9a-f]{6}\.sock$/u,
    );
    const elsewhere = freshSocket(deep);
    expect(Buffer.byteLength(elsewhere)).toBeLessThanOrEqual(100);
    rmSync(join(elsewhere, ".."), { recursive: true });
  });
});
