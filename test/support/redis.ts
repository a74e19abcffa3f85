import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** The program of a Redis server of this machine, or null. */
export const redisProgram: string | null =
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "redis-server"))
    .find((file) => existsSync(file)) ?? null;

/** A Redis server of a test's own. */
export interface RedisServer {
  readonly url: string;
  /** Starts it; resolves when it answers. */
  start(): Promise<void>;
  /** Ends it at once, as `kill -9` does. */
  kill(): Promise<void>;
  /** Stops or continues its process, so that it is there and says nothing. */
  freeze(): void;
  thaw(): void;
  /** Runs one command with `redis-cli`. */
  run(...args: readonly string[]): string;
  remove(): Promise<void>;
}

/** Makes a server on a free port, which keeps nothing on disk. */
export async function createRedisServer(program: string): Promise<RedisServer> {
  const directory = mkdtempSync(join(tmpdir(), "skein-redis-"));
  const port = await freePort();
  let child: ChildProcess | null = null;
  const kill = async (): Promise<void> => {
    const ending = child;
    child = null;
    if (ending !== null && ending.exitCode === null) {
      const gone = new Promise((resolve) => ending.once("exit", resolve));
      ending.kill("SIGKILL");
      await gone;
    }
  };
  return {
    url: `redis://127.0.0.1:${String(port)}`,
    start: async () => {
      child = spawn(
        program,
        ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", directory],
        { stdio: "ignore" },
      );
      await untilListens(port);
    },
    kill,
    freeze: () => {
      child?.kill("SIGSTOP");
    },
    thaw: () => {
      child?.kill("SIGCONT");
    },
    run: (...args) =>
      execFileSync("redis-cli", ["-p", String(port), ...args], { encoding: "utf8" }),
    remove: async () => {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function untilListens(port: number): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    const listens = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: "127.0.0.1" });
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => {
        resolve(false);
      });
    });
    if (listens) {
      return;
    }
    await pause(20);
  }
  throw new Error(`No Redis server listens on ${String(port)}.`);
}
