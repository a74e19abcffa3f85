import { EventEmitter } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, connect } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { serve } from "../../src/http/index.ts";
import { createCoordinatedRepository, plainEnv } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";

let repository: CoordinatedRepository;

afterEach(async () => {
  await repository.remove();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}

describe("serve", () => {
  test("ends in order for whoever ends it as soon as it says that it listens", async () => {
    repository = await createCoordinatedRepository();
    const signals = new EventEmitter();
    const lines: string[] = [];

    const code = await serve({
      cwd: repository.root,
      env: plainEnv,
      host: "127.0.0.1",
      port: 0,
      tokenFile: null,
      isAuthAsked: false,
      version: "0.0.0",
      commands: null,
      signals,
      onListening: () => {
        signals.emit("SIGTERM");
      },
      logFormat: "text",
      write: (line) => lines.push(line),
    });

    expect(code).toBe(0);
    expect(lines.join("\n")).toContain("ending: finishing what has begun");
  });

  test("listens no more where it cannot say that it does, and leaves no half of a file", async () => {
    repository = await createCoordinatedRepository();
    const port = await freePort();
    const storeDir = join(repository.root, ".git/skein");
    mkdirSync(join(storeDir, "serve.json"));
    writeFileSync(join(storeDir, "serve.json", "in-the-way"), "");

    const serving = serve({
      cwd: repository.root,
      env: plainEnv,
      host: "127.0.0.1",
      port,
      tokenFile: null,
      isAuthAsked: false,
      version: "0.0.0",
      commands: null,
      signals: new EventEmitter(),
      onListening: () => undefined,
      logFormat: "text",
      write: () => undefined,
    });

    await expect(serving).rejects.toThrow(/serve\.json/u);
    expect(await isListening(port)).toBe(false);
    expect(readdirSync(storeDir).filter((name) => name.startsWith("serve.json"))).toEqual([
      "serve.json",
    ]);
  });
});
