import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkServer } from "../../../src/cli/init/live-check.ts";

function check(code: string, times: { timeoutMs?: number; endMs?: number } = {}) {
  const command = { command: process.execPath, args: ["-e", code] };
  return checkServer({ command, cwd: tmpdir(), env: process.env, ...times });
}

describe("a server that gives no answer", () => {
  test("is told as late when it says nothing in time", async () => {
    const found = await check("setInterval(() => {}, 1000)", { timeoutMs: 300 });

    expect(found).toEqual({
      ok: false,
      detail: "it did not answer within 0.3 s and was stopped",
    });
  });

  test("is told with its exit code or its signal when it ends before", async () => {
    const ended = await check("process.exit(3)");
    const killed = await check('process.kill(process.pid, "SIGKILL")');

    expect([ended, killed]).toEqual([
      { ok: false, detail: "it ended with 3 before it answered" },
      { ok: false, detail: "it ended with SIGKILL before it answered" },
    ]);
  });
});

/** A server that answers each request, and does what is given when it is told to end. */
function serverThat(onTerm: string): string {
  return `require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const { id } = JSON.parse(line);
      if (id !== undefined) console.log(JSON.stringify({ jsonrpc: "2.0", id, result: { tools: [{ name: "look" }] } }));
    });
    process.on("SIGTERM", () => { ${onTerm} });
    setInterval(() => {}, 1000);`;
}

describe("a server that is let go", () => {
  test("has ended when the check is over, with all that it had in hand", async () => {
    const dir = mkdtempSync(join(tmpdir(), "skein-live-"));
    const last = join(dir, "last");
    const write = `require("node:fs").writeFileSync(${JSON.stringify(last)}, "")`;

    const found = await check(serverThat(`setTimeout(() => { ${write}; process.exit(); }, 300)`));

    expect(found).toMatchObject({ ok: true, tools: ["look"] });
    expect(existsSync(last)).toBe(true);
    rmSync(dir, { recursive: true });
  });

  test("is stopped where it does not end", async () => {
    const found = await check(serverThat("console.error(process.pid)"), { endMs: 200 });

    expect(found).toMatchObject({ ok: true });
  });

  test("is not waited for where there is no such program", async () => {
    const command = { command: join(tmpdir(), "no-such-program"), args: [] };

    const found = await checkServer({ command, cwd: tmpdir(), env: process.env });

    expect(found).toMatchObject({ ok: false });
  });
});
