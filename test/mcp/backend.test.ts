import { PassThrough } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { createBackend } from "../../src/mcp/backend.ts";
import { createMcpContext } from "../../src/mcp/main.ts";
import type { ProjectSource } from "../../src/mcp/project-source.ts";
import { aRepository, removeRepositories } from "../adapters/git/repositories.ts";
import { plainEnv } from "../support/coordinated-repository.ts";

afterEach(removeRepositories);

describe("createBackend", () => {
  test("closes its source once, whoever chose it", async () => {
    const calls: string[] = [];
    const source: ProjectSource = {
      open: async () => Promise.reject(new Error("nobody opens it")),
      warm: async () => {
        calls.push("warm");
        return Promise.resolve();
      },
      close: async () => {
        calls.push("close");
        return Promise.resolve();
      },
    };
    const streams = { input: new PassThrough(), output: new PassThrough(), log: new PassThrough() };
    const place = { cwd: aRepository({ "README.md": "hello\n" }).root, env: plainEnv };
    const context = createMcpContext({ ...place, streams }, source);
    const backend = createBackend(place, context, source);
    await backend.warm();

    await backend.close();

    expect(calls).toEqual(["warm", "close"]);
  });
});
