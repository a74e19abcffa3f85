import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let folder = "";
let running: ChildProcess | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-deploy-"));
});
afterEach(() => {
  running?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const dockerfile = readFileSync("deploy/docker/Dockerfile", "utf8");
/** Instructions with their lines joined. */
const instructions = dockerfile
  .replaceAll(/\\\n/gu, " ")
  .split("\n")
  .filter((line) => /^[A-Z]+ /u.test(line));
const lastStage = instructions.slice(
  instructions.findLastIndex((line) => line.startsWith("FROM ")),
);

function valueOf(name: string): string {
  return lastStage.findLast((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? "";
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function healthOf(port: number): Promise<number | null> {
  const child = spawn(process.execPath, ["deploy/docker/healthcheck.mjs"], {
    env: { SKEIN_PORT: String(port) },
  });
  await once(child, "exit");
  return child.exitCode;
}

/** Starts what a container or a unit would, and waits until it is ready. */
async function start(argv: readonly string[], port: number): Promise<ChildProcess> {
  const [program = "", ...args] = argv;
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    SKEIN_HOME: process.cwd(),
    SKEIN_DATABASE_URL_FILE: "",
    NO_COLOR: "1",
  };
  const child = spawn(program, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  running = child;
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  for (let tries = 0; tries < 200 && child.exitCode === null; tries += 1) {
    if ((await healthOf(port)) === 0) {
      return child;
    }
  }
  throw new Error(`it did not become ready: ${said}`);
}

describe("the Dockerfile", () => {
  test("has no image without the optional parts, which npm leaves out while the package names them as such", () => {
    const step = instructions.find((line) => line.includes("node_modules/pg")) ?? "";
    const [named = "", installed = ""] = step.split("npm install ");

    expect(named).toContain("npm pkg delete devDependencies peerDependencies peerDependenciesMeta");
    for (const part of ["better-sqlite3", "pg", "redis"]) {
      expect(installed).toMatch(new RegExp(`'${part}'.*import\\(name\\)`, "u"));
    }
  });

  test("ends as nobody, without a compiler, a package manager or a shell command line", () => {
    expect(valueOf("USER")).toMatch(/^[1-9]\d*:[1-9]\d*$/u);
    expect(valueOf("CMD")).toMatch(/^\[/u);
    expect(valueOf("ENTRYPOINT")).toMatch(/^\[/u);
    expect(valueOf("HEALTHCHECK")).toContain('CMD ["node", "/opt/healthcheck.mjs"]');
    expect(lastStage.join("\n")).not.toMatch(/\bnpm\b|\bgcc\b|\bcurl\b/u);
  });

  test("names every image with a version, and copies only what is here or was made before", () => {
    const images = instructions.filter((line) => line.startsWith("ARG "));
    const copied = instructions
      .filter((line) => line.startsWith("COPY ") && !line.includes("--from="))
      .flatMap((line) => line.split(/\s+/u).slice(1, -1))
      .filter((word) => !word.startsWith("--"));

    expect(images.join("\n")).not.toMatch(/:latest|=\w+$/u);
    expect(copied.length).toBeGreaterThan(3);
    expect(copied.filter((path) => !existsSync(path))).toEqual([]);
  });

  test("has no secret in an argument or in the environment", () => {
    expect(dockerfile).not.toMatch(/^(?:ARG|ENV).*(?:TOKEN|PASSWORD|SECRET|KEY)/mu);
  });

  test.skipIf(process.platform === "win32")(
    "starts a server with its own entry point and command, which is healthy until it is told to end",
    async () => {
      const port = await freePort();
      const command: unknown = JSON.parse(valueOf("CMD"));
      const args = Array.isArray(command) ? command.map(String) : [];
      // The port may be in use here, and the folder of the image's settings is mounted.
      const given = args.map((arg) => (arg === "7433" ? String(port) : arg));
      cpSync("deploy/skein.yml", join(folder, "skein.yml"));

      const child = await start(
        ["sh", join(process.cwd(), "deploy/docker/entrypoint.sh"), ...given],
        port,
      );
      child.kill("SIGTERM");
      const [code] = await once(child, "exit");

      expect(args).toEqual(["serve", "--auth", "--host", "0.0.0.0", "--port", "7433"]);
      expect(existsSync(join(folder, ".git"))).toBe(true);
      expect(code).toBe(0);
      expect(await healthOf(port)).toBe(1);
    },
  );
});

describe("the systemd units", () => {
  const unit = readFileSync("deploy/systemd/skein.service", "utf8");
  const execStart = /^ExecStart=(.+)$/mu.exec(unit)?.[1]?.split(" ") ?? [];

  test("start a server with the unit's own words", async () => {
    const port = await freePort();
    spawnSync("git", ["init", "--quiet", folder]);
    const argv = execStart.map((word) =>
      word
        .replace(/^\/usr\/bin\/node$/u, process.execPath)
        .replace(/^\/usr\/lib\/node_modules\/skein/u, process.cwd())
        .replace(/^7433$/u, String(port)),
    );

    const child = await start(argv, port);
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");

    expect(code).toBe(0);
  });

  test("give a server longer than it takes to end", () => {
    expect(Number(/^TimeoutStopSec=(\d+)$/mu.exec(unit)?.[1])).toBeGreaterThan(25);
  });

  test("write only into folders that systemd makes for their user", () => {
    for (const name of ["skein.service", "skein-maintain.service"]) {
      const text = readFileSync(join("deploy/systemd", name), "utf8");
      const made = new Set(
        [...text.matchAll(/^(State|Cache)Directory=(.+)$/gmu)].flatMap(([, kind, names = ""]) =>
          names.split(" ").map((each) => `/var/${kind === "State" ? "lib" : "cache"}/${each}`),
        ),
      );
      const named = text.matchAll(/\/var\/[a-z]+\/[a-z-]+(?=[\s"/]|$)/gmu);

      expect(text).not.toContain("ReadWritePaths");
      expect([...named].map(([path]) => path).filter((path) => !made.has(path))).toEqual([]);
    }
  });

  const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;

  test.skipIf(!hasSystemd)("are units to systemd, and leave a server little of the machine", () => {
    const names = ["skein.service", "skein-maintain.service", "skein-maintain.timer"];
    for (const name of names) {
      const text = readFileSync(join("deploy/systemd", name), "utf8");
      writeFileSync(join(folder, name), text.replaceAll("/usr/bin/node", process.execPath));
    }
    const verified = spawnSync("systemd-analyze", ["verify", ...names], {
      cwd: folder,
      encoding: "utf8",
    });
    const judged = spawnSync(
      "systemd-analyze",
      ["security", "--offline=true", "--threshold=20", "skein.service"],
      { cwd: folder, encoding: "utf8" },
    );

    expect(verified.stderr).toBe("");
    expect(verified.status).toBe(0);
    // 0 is safest, 10 worst; the threshold is in tenths.
    expect(judged.status, judged.stdout.slice(-200)).toBe(0);
  });
});
