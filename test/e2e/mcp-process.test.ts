import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { reviewedToolsHash, toolsHash } from "../../src/mcp/index.ts";
import { createCoordinatedRepository, plainEnv } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";
import { residentBytes, skeinBin, startMcpProcess } from "../support/mcp-process.ts";
import type { McpProcess } from "../support/mcp-process.ts";

let repository: CoordinatedRepository;
let started: McpProcess[];

beforeEach(async () => {
  repository = await createCoordinatedRepository();
  started = [];
});

afterEach(async () => {
  for (const { child, exited } of started) {
    child.kill("SIGKILL");
    await exited;
  }
  await repository.remove();
});

async function start(cwd = repository.root, env = {}): Promise<McpProcess> {
  const server = await startMcpProcess(cwd, env);
  started.push(server);
  return server;
}

async function call(
  server: McpProcess,
  name: string,
  args: Readonly<Record<string, unknown>> = {},
) {
  const { result } = await server.request("tools/call", { name, arguments: args });
  return { isError: result?.["isError"] === true, ...Object(result?.["structuredContent"]) };
}

describe("skein mcp", () => {
  test.each(["legacy", "modern"] as const)("serves a real %s client", async (era) => {
    const client = new Client(
      { name: "e2e", version: "1" },
      { versionNegotiation: { mode: era === "modern" ? { pin: "2026-07-28" } : "legacy" } },
    );
    const env = Object.fromEntries(
      Object.entries(plainEnv).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, value]],
      ),
    );
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [skeinBin, "mcp"],
        cwd: repository.root,
        env,
      }),
    );

    const { tools } = await client.listTools();
    const { structuredContent } = await client.callTool({ name: "next_task", arguments: {} });
    const instructions = client.getInstructions();
    await client.close();

    expect(tools).toHaveLength(10);
    expect(toolsHash(tools)).toBe(reviewedToolsHash);
    expect(instructions).toContain("Before you edit any file");
    expect(structuredContent).toMatchObject({ task: null, session: expect.any(String) });
  });

  test("gives two processes that start together different tasks", async () => {
    await repository.plan(
      "plan: p\ntitle: P\nverify: none\ntasks:\n  - {id: T1, title: One}\n  - {id: T2, title: Two}\n",
    );
    const [one, two] = await Promise.all([start(), start()]);

    const claims = await Promise.all([call(one, "next_task"), call(two, "next_task")]);

    expect(new Set(claims.map(({ task }) => task.id))).toEqual(new Set(["T1", "T2"]));
  });

  test("returns a killed agent's task to the queue at once", async () => {
    await repository.plan(
      "plan: p\ntitle: P\nverify: none\ntasks:\n  - {id: T1, title: One, files: [src/]}\n",
    );
    const killed = await start();
    const first = await call(killed, "next_task");

    killed.child.kill("SIGKILL");
    await killed.exited;
    const again = await call(await start(), "next_task", { wait_seconds: 30 });

    expect(again.task).toMatchObject({ id: "T1", attempt: 2 });
    expect(again.fence).toBeGreaterThan(first.fence);
  });

  test("keeps the session of a host that starts the server anew", async () => {
    await repository.plan("plan: p\ntitle: P\nverify: none\ntasks:\n  - {id: T1, title: One}\n");
    const env = { CLAUDE_CODE_SESSION_ID: "11111111-2222" };
    const before = await start(repository.root, env);
    const first = await call(before, "next_task");

    before.child.stdin.end();
    const code = await before.exited;
    const again = await call(await start(repository.root, env), "next_task");

    expect(code).toBe(0);
    expect(again.fence).toBe(first.fence);
  });

  test("ends in order on SIGTERM, and leaves SIGINT to the host", async () => {
    const server = await start();

    server.child.kill("SIGINT");
    const alive = await server.request("ping");
    server.child.kill("SIGTERM");

    expect(alive.error).toBeUndefined();
    expect(await server.exited).toBe(0);
    expect(server.stderr()).toBe("");
  });

  test("ends quietly when nobody reads any more", async () => {
    const server = await start();

    server.child.stdout.destroy();
    await server.sendRaw('{"jsonrpc":"2.0","id":900,"method":"tools/list"}\n'.repeat(50));
    server.child.stdin.end();

    expect(await server.exited).toBe(0);
    expect(server.stderr()).not.toContain("at ");
  });

  test("answers requests that are in work when the input ends", async () => {
    const server = await start();

    const answered = call(server, "look", { at: "board" });
    server.child.stdin.end();

    expect(await answered).toMatchObject({ isError: false, at: "board" });
  });

  test("starts outside a repository, tells what is wrong, and works once it is mended", async () => {
    const folder = mkdtempSync(join(tmpdir(), "skein-none-"));
    const server = await start(folder);

    const refused = await call(server, "next_task");
    const listed = await server.request("tools/list");
    repository.git(folder, "init", "--quiet");
    const mended = await call(server, "next_task");
    rmSync(folder, { recursive: true });

    expect(refused).toMatchObject({
      isError: true,
      error: { code: "SKN-5951", fix: expect.any(String) },
    });
    expect(listed.result?.["tools"]).toHaveLength(10);
    expect(mended).toMatchObject({ isError: false, task: null });
  });

  test("makes no store in a repository that nobody asked it to coordinate", async () => {
    const folder = mkdtempSync(join(tmpdir(), "skein-bare-"));
    repository.git(folder, "init", "--quiet");
    const server = await start(folder);
    await server.sendRaw('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');

    await server.request("tools/list");
    await server.request("ping");

    expect(existsSync(join(folder, ".git/skein"))).toBe(false);
    rmSync(folder, { recursive: true });
  });

  test("tells of a damaged store with a code and the way to mend it", async () => {
    const database = join(repository.root, ".git/skein/skein.db");
    await repository.project.skein.close();
    for (const ending of ["", "-wal", "-shm"]) {
      rmSync(database + ending, { force: true });
    }
    writeFileSync(database, "This is no database. ".repeat(400), { mode: 0o600 });

    const refused = await call(await start(), "look", { at: "board" });

    expect(refused).toMatchObject({
      isError: true,
      error: { code: expect.stringMatching(/^SKN-71\d\d$/u), fix: expect.any(String) },
    });
  });

  test.runIf(process.platform === "linux")(
    "survives 64 MB without a line end in at most 50 MB more memory, and serves on",
    async () => {
      const server = await start();
      await call(server, "look", { at: "board" });
      const before = residentBytes(server.child.pid ?? 0);
      const megabyte = Buffer.alloc(1 << 20, 0x78);

      for (let sent = 0; sent < 64; sent += 1) {
        await server.sendRaw(megabyte);
      }
      await server.sendRaw("\n");
      const fault = await server.nextFault();
      const pong = await server.request("ping");

      expect(fault).toMatchObject({ id: null, error: { code: -32_700 } });
      expect(pong).not.toHaveProperty("error");
      expect(residentBytes(server.child.pid ?? 0) - before).toBeLessThan(50 * 1_024 * 1_024);
    },
  );
});
