import { tmpdir } from "node:os";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { runMcpServer } from "../../src/mcp/index.ts";
import { plainEnv } from "../support/coordinated-repository.ts";

test("a server goes on where nobody reads its log: the fault would be written there as well, without end", async () => {
  const streams = { input: new PassThrough(), output: new PassThrough(), log: new PassThrough() };
  const running = runMcpServer({ cwd: tmpdir(), env: { ...plainEnv }, streams, signals: null });

  const isHeard = streams.log.emit("error", new Error("write EPIPE"));
  streams.input.end();
  await running;

  expect(isHeard).toBe(true);
});
