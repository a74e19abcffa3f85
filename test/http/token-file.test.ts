import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tokenIn } from "../../src/http/token-file.ts";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "skein-token-"));
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

function refusal(file: string): unknown {
  try {
    return tokenIn(file);
  } catch (error) {
    return error;
  }
}

describe("tokenIn", () => {
  test("makes a token that only this user can read, and reads it again", () => {
    const file = join(dir, "token");

    const token = tokenIn(file);

    expect(token).toMatch(/^[\w-]{43}$/u);
    expect(tokenIn(file)).toBe(token);
    expect(process.platform === "win32" || (statSync(file).mode & 0o777) === 0o600).toBe(true);
  });

  test("gives servers that start at once the same token, and leaves nothing beside it", async () => {
    const rounds = 40;
    const racers = 2;
    const gate = new Int32Array(new SharedArrayBuffer(4 * rounds));
    const outs = [join(dir, "first.json"), join(dir, "second.json")];
    const url = new URL("token-racer.ts", import.meta.url);
    await Promise.all(
      outs.map(async (out) =>
        once(new Worker(url, { workerData: { dir, rounds, racers, gate, out } }), "exit"),
      ),
    );
    const written = Array.from({ length: rounds }, (_, round) =>
      readFileSync(join(dir, `token-${String(round)}`), "utf8").trim(),
    );

    for (const out of outs) {
      expect(JSON.parse(readFileSync(out, "utf8"))).toEqual(written);
    }
    expect(readdirSync(dir)).toHaveLength(rounds + racers);
  });

  test.skipIf(process.platform === "win32")("refuses a file that others can read", () => {
    const file = join(dir, "token");
    tokenIn(file);
    chmodSync(file, 0o640);

    expect(refusal(file)).toMatchObject({ code: "SKN-8932" });
  });

  test.skipIf(process.getuid?.() !== 0)("refuses a file that another user put there", () => {
    const file = join(dir, "token");
    writeFileSync(file, "A".repeat(43), { mode: 0o600 });
    chownSync(file, 65_534, 65_534);

    expect(refusal(file)).toMatchObject({ code: "SKN-8932" });
  });

  test.skipIf(process.platform === "win32")("refuses a pipe at once, and a folder", () => {
    const file = join(dir, "pipe");
    execFileSync("mkfifo", ["-m", "600", file]);

    expect(refusal(file)).toMatchObject({ code: "SKN-1933" });
    expect(refusal(dir)).toMatchObject({ code: "SKN-1933" });
    expect(refusal(dir)).toMatchObject({ message: expect.stringContaining("is no plain file") });
  });

  test.skipIf(process.platform === "win32")(
    "says of a file that cannot be opened that it cannot, and does not advise to remove it",
    () => {
      const file = join(dir, "token");
      symlinkSync(file, file);

      expect(refusal(file)).toMatchObject({
        code: "SKN-1933",
        message: expect.stringContaining("cannot be opened"),
        fix: expect.not.stringContaining("remove"),
      });
    },
  );
});
