import { tmpdir } from "node:os";
import { describe, expect, test } from "vitest";
import { checkServer } from "../../../src/cli/init/live-check.ts";

function check(code: string, timeoutMs: number) {
  const command = { command: process.execPath, args: ["-e", code] };
  return checkServer({ command, cwd: tmpdir(), env: process.env, timeoutMs });
}

describe("a server that gives no answer", () => {
  test("is told as late when it says nothing in time", async () => {
    const found = await check("setInterval(() => {}, 1000)", 300);

    expect(found).toEqual({
      ok: false,
      detail: "it did not answer within 0.3 s and was stopped",
    });
  });

  test("is told with its exit code or its signal when it ends before", async () => {
    const ended = await check("process.exit(3)", 20_000);
    const killed = await check('process.kill(process.pid, "SIGKILL")', 20_000);

    expect([ended, killed]).toEqual([
      { ok: false, detail: "it ended with 3 before it answered" },
      { ok: false, detail: "it ended with SIGKILL before it answered" },
    ]);
  });
});
