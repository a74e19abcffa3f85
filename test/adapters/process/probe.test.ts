import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, describe, expect, test } from "vitest";

import { createProcessProbe } from "../../../src/adapters/process/probe.ts";

const made: string[] = [];

afterEach(() => {
  for (const directory of made.splice(0)) {
    rmSync(directory, { recursive: true });
  }
});

/** A folder that looks like the kernel's, with processes by number. */
function aProc(processes: Readonly<Record<number, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "skein-proc-"));
  made.push(root);
  mkdirSync(join(root, "self", "ns"), { recursive: true });
  symlinkSync("pid:[1]", join(root, "self", "ns", "pid"));
  for (const [pid, stat] of Object.entries(processes)) {
    mkdirSync(join(root, pid));
    writeFileSync(join(root, pid, "stat"), stat);
  }
  return root;
}

/** A line of `/proc/PID/stat`. */
function aStat(command: string, state: string, startedAt: number): string {
  const between = Array.from({ length: 18 }, () => "0").join(" ");
  return `7 (${command}) ${state} ${between} ${String(startedAt)} 0 0\n`;
}

describe("createProcessProbe", () => {
  test("says that this very process lives", () => {
    const probe = createProcessProbe();

    expect(probe.isAlive(probe.self())).not.toBe(false);
    expect(probe.self().pid).toBe(process.pid);
  });

  test("says that a process that has ended is gone", async () => {
    const probe = createProcessProbe();
    const child = spawn(process.execPath, ["-e", "process.stdin.resume()"]);
    const stamp = probe.stampOf(child.pid ?? 0);
    const before = stamp === null ? false : probe.isAlive(stamp);

    child.kill("SIGKILL");
    await once(child, "exit");

    expect(before).not.toBe(false);
    expect(stamp === null ? null : probe.isAlive(stamp)).toBe(false);
  });

  test("takes a later process of the same number for another one", () => {
    const probe = createProcessProbe({ procRoot: aProc({ 7: aStat("node", "S", 500) }) });
    const now = probe.stampOf(7);

    expect(now?.startedAt).toBe("500");
    expect(now === null ? null : probe.isAlive(now)).toBe(true);
    expect(now === null ? null : probe.isAlive({ ...now, startedAt: "400" })).toBe(false);
  });

  test("reads the start time behind a command that holds brackets and spaces", () => {
    const probe = createProcessProbe({ procRoot: aProc({ 7: aStat("a) S (b 1", "R", 41) }) });

    expect(probe.stampOf(7)?.startedAt).toBe("41");
  });

  test("counts a zombie as gone", () => {
    const probe = createProcessProbe({ procRoot: aProc({ 7: aStat("node", "Z", 500) }) });

    expect(probe.stampOf(7)).toBeNull();
  });

  test("cannot tell of another host or another namespace", () => {
    const probe = createProcessProbe();
    const self = probe.self();

    expect(probe.isAlive({ ...self, host: "elsewhere" })).toBeNull();
    expect(probe.isAlive({ ...self, namespace: "pid:[0]" })).toBeNull();
  });

  test("says that a process of an earlier boot is gone", () => {
    const probe = createProcessProbe();

    expect(probe.isAlive({ ...probe.self(), bootId: "before" })).toBe(false);
  });

  test("is sure only of a number that nobody has where the system shows no processes", () => {
    const probe = createProcessProbe({ procRoot: null });

    expect(probe.isAlive(probe.self())).toBeNull();
    expect(probe.stampOf(2_147_483_646)).toBeNull();
  });
});
