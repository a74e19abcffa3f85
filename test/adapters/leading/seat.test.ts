import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
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
import { readSeat, seatStamp, takeSeat } from "../../../src/adapters/leading/seat.ts";
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

/** Takes a seat and closes its folder before it leaves. Root may write everywhere, so that it becomes nobody first. */
const leavingScript = `
  const { takeSeat } = await import(process.argv[1]);
  const { chmodSync, mkdirSync } = await import("node:fs");
  const folder = process.argv[2];
  if (process.getuid() === 0) {
    process.setgid(65534);
    process.setuid(65534);
  }
  mkdirSync(folder);
  const seat = takeSeat(folder + "/leader.json", { socket: "/s", key: "k", version: "1", store: "/db" });
  chmodSync(folder, 0o555);
  console.log(JSON.stringify({ renews: seat.renew() }));
  seat.leave();
  console.log("left");
`;

const said = { socket: "/run/one.sock", key: "k", version: "1.0.0", store: "/srv/skein.db" };

/** A process that sleeps, and the text of a seat that it holds. */
function heldByOther(odd: object = {}): { readonly other: ChildProcess; readonly text: string } {
  const other = spawn("sleep", ["60"]);
  others.push(other);
  const stamp = createProcessProbe().stampOf(other.pid ?? 0);
  const { host = "", bootId = "", namespace = "", startedAt = "" } = stamp ?? {};
  const socket = join(dir, otherSocket);
  const process = { host, boot_id: bootId, namespace, pid: other.pid, started_at: startedAt };
  const text = JSON.stringify({ ...said, socket, ...process, ...odd });
  writeFileSync(file, text, { mode: 0o600 });
  leaveSocket(socket);
  return { other, text };
}

const otherSocket = "leader-7-0a1b2c.sock";

/** A socket whose process was killed. */
function leaveSocket(path: string): void {
  if (!existsSync(path)) {
    const listen = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 9))`;
    spawnSync(process.execPath, ["-e", listen]);
  }
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

  test("has one stamp for as long as one process holds it, however often it is renewed", () => {
    const none = seatStamp(file);
    const held = takeSeat(file, said);
    const first = seatStamp(file);

    const renewed = [held?.renew(), held?.renew()].map(() => seatStamp(file));
    held?.leave();
    const left = seatStamp(file);
    takeSeat(file, { ...said, socket: "/run/another.sock" });

    expect(renewed).toEqual([first, first]);
    expect([none, left]).toEqual([null, null]);
    expect(seatStamp(file)).not.toBe(first);
    expect(first).not.toBeNull();
  });

  test("leaves that of a process that runs", () => {
    const { text } = heldByOther();

    expect(takeSeat(file, said)).toBeNull();

    expect(readFileSync(file, "utf8")).toBe(text);
    expect(existsSync(join(dir, otherSocket))).toBe(true);
  });

  test("takes that of a process that was killed, and clears its socket away", async () => {
    const { other } = heldByOther();
    other.kill("SIGKILL");
    await until(() => other.signalCode !== null);

    expect(takeSeat(file, said)?.renew()).toBe(true);

    expect(readSeat(file)?.pid).toBe(process.pid);
    expect(existsSync(join(dir, otherSocket))).toBe(false);
  });

  test.each([
    ["a file", "leader-7-0a1b2d.sock"],
    ["a folder", "leader-7-0a1b2e.sock"],
    ["a socket of another name", "agent.sock"],
  ])("takes one whose address is %s, and leaves that alone", (what, name) => {
    const address = join(dir, name);
    heldByOther({ started_at: "1", socket: address });
    if (what === "a file") {
      writeFileSync(address, "somebody's");
    } else if (what === "a folder") {
      mkdirSync(address);
    } else {
      leaveSocket(address);
    }

    expect(takeSeat(file, said)?.renew()).toBe(true);
    expect(existsSync(address)).toBe(true);
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

  test.each([
    ["that is listed elsewhere", { namespace: "pid:[1]" }],
    ["of a container of this machine", { host: "3f2a" }],
  ])("leaves one of a process %s while that one renews it", (_what, odd) => {
    heldByOther(odd);

    expect(readSeat(file)).toBeNull();
    expect(takeSeat(file, said)).toBeNull();

    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(file, longAgo, longAgo);
    expect(takeSeat(file, said)).not.toBeNull();
  });

  test("takes one that was renewed in time to come: somebody has put the clock back since", () => {
    heldByOther({ namespace: "pid:[1]" });
    const tomorrow = new Date(Date.now() + 86_400_000);
    utimesSync(file, tomorrow, tomorrow);

    expect(takeSeat(file, said)).not.toBeNull();
  });

  test("gives up one that is a file no longer", () => {
    const held = takeSeat(file, said);
    rmSync(file);
    spawnSync("mkfifo", ["-m", "600", file]);

    expect(held?.renew()).toBe(false);
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

  test.skipIf(process.platform === "win32")(
    "is left without a fault where the folder was closed meanwhile",
    () => {
      chmodSync(dir, 0o777);
      const seat = new URL("../../../src/adapters/leading/seat.ts", import.meta.url).href;
      const folder = join(dir, "closed");

      const run = spawnSync(
        process.execPath,
        ["--input-type=module", "-e", leavingScript, seat, folder],
        { encoding: "utf8" },
      );

      expect(run.stdout).toBe('{"renews":true}\nleft\n');
      expect([run.status, run.stderr]).toEqual([0, ""]);
      expect(existsSync(join(folder, "leader.json"))).toBe(true);
    },
  );
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
