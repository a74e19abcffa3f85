import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readPlainFile } from "../../../src/adapters/process/plain-file.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-plain-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function why(name: string, mostBytes = 16): string {
  const found = readPlainFile(join(folder, name), mostBytes);
  return found.kind === "unusable" ? found.why : found.kind;
}

describe("readPlainFile", () => {
  test("reads a file to its last byte, with its permissions, and one behind a link", () => {
    writeFileSync(join(folder, "file"), "sixteen letters!", { mode: 0o640 });
    symlinkSync("file", join(folder, "link"));

    const bytes = Buffer.from("sixteen letters!");
    expect(readPlainFile(join(folder, "file"), 16)).toEqual({ kind: "bytes", bytes, mode: 0o640 });
    expect(readPlainFile(join(folder, "link"), 16)).toEqual({ kind: "bytes", bytes, mode: 0o640 });
    expect(why("file", 15)).toBe("has 16 bytes, more than 15");
  });

  test("tells what is none, a folder, and a link that leads nowhere or in a circle", () => {
    writeFileSync(join(folder, "file"), "");
    mkdirSync(join(folder, "folder"));
    symlinkSync("nowhere", join(folder, "dangling"));
    symlinkSync("circle", join(folder, "circle"));

    expect(
      ["nothing", "file/below", "folder", "dangling", "circle"].map((name) => why(name)),
    ).toEqual([
      "none",
      "none",
      "is a folder, where a file belongs",
      "is a link that leads nowhere",
      "is a link that leads in a circle",
    ]);
  });

  test.skipIf(process.platform === "win32")("opens no pipe and no device", () => {
    execFileSync("mkfifo", [join(folder, "pipe")]);
    symlinkSync("/dev/zero", join(folder, "device"));

    expect([why("pipe"), why("device")]).toEqual(["is no plain file", "is no plain file"]);
  });

  test.skipIf(process.platform !== "linux")(
    "reads nothing that the system makes up, were it a file of no bytes",
    () => {
      symlinkSync("/proc/kmsg", join(folder, "kmsg"));
      symlinkSync("/proc/self/environ", join(folder, "environ"));

      expect(why("kmsg")).toBe("leads to /proc/kmsg, which is the system's own");
      expect(why("environ")).toMatch(/^leads to \/proc\/\d+\/environ, which is the system's own$/u);
    },
  );
});
