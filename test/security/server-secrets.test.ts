import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

/** Made here, so that no scanner takes them for real. */
const planted = {
  ANTHROPIC_API_KEY: ["planted", "model", "key", "5d1f77aa90"].join("-"),
  VAULT_TOKEN: ["planted", "vault", "token", "c4e0b1d2f3"].join("-"),
  SKEIN_TOKEN: ["planted", "server", "token", "77f0a9b8c7"].join("-"),
  OTHER_DATABASE: `postgres://skein:${["planted", "password", "a1b2c3d4"].join("-")}@db.example/x`,
};

let folder = "";
let child: ChildProcess | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-serve-secrets-"));
  spawnSync("git", ["init", "--quiet", folder]);
});
afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

interface Started {
  readonly url: string;
  readonly said: () => string;
  readonly stop: () => Promise<void>;
}

async function startServer(): Promise<Started> {
  const env = { PATH: process.env["PATH"], HOME: folder, NO_COLOR: "1", ...planted };
  const started = spawn(
    process.execPath,
    [join(process.cwd(), "bin/skein.js"), "serve", "--port", "0"],
    { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] },
  );
  child = started;
  let said = "";
  const listening = new Promise<string>((resolve) => {
    for (const stream of [started.stdout, started.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        const url = /http:\/\/127\.0\.0\.1:\d+/u.exec(said)?.[0];
        if (url !== undefined) {
          resolve(url);
        }
      });
    }
  });
  return {
    url: await listening,
    said: () => said,
    stop: async () => {
      started.kill("SIGTERM");
      await once(started, "exit");
    },
  };
}

/** A secret as it is, and in the forms it might be written in. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [secret, bytes.toString("base64"), bytes.toString("hex"), encodeURIComponent(secret)];
}

function filesBelow(top: string): readonly string[] {
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test("T26: a server keeps no secret of its surroundings, and says none in answers, metrics, logs or arguments", async () => {
  const server = await startServer();
  const tokenFile = join(folder, ".git", "skein", "serve-token");
  const token = readFileSync(tokenFile, "utf8").trim();
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const artefacts = new Map<string, string>();
  const ask = async (path: string, body: unknown, given: Record<string, string>): Promise<void> => {
    const answer = await fetch(`${server.url}/${path}`, {
      headers: given,
      ...(body === null ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    const shown = JSON.stringify(Object.fromEntries(answer.headers));
    artefacts.set(`${path} ${String(answer.status)}`, `${shown} ${await answer.text()}`);
  };
  await ask("api/v1/tools/look", { at: "board" }, headers);
  await ask("api/v1/tools/next_task", { role: 7 }, headers);
  await ask("api/v1/tools/look", { at: "board" }, { authorization: "Bearer wrong" });
  await ask("api/v1/nothing", null, headers);
  await ask("healthz", null, {});
  await ask("readyz", null, {});
  await ask("metrics", null, headers);
  const { pid = 0 } = child ?? {};
  if (process.platform === "linux") {
    artefacts.set("arguments", readFileSync(`/proc/${String(pid)}/cmdline`, "latin1"));
  }
  await server.stop();
  artefacts.set("output", server.said());
  for (const file of filesBelow(join(folder, ".git")).filter((each) => each !== tokenFile)) {
    artefacts.set(file, readFileSync(file, "latin1"));
  }

  const password = new URL(planted.OTHER_DATABASE).password;
  const secrets = [
    planted.ANTHROPIC_API_KEY,
    planted.VAULT_TOKEN,
    planted.SKEIN_TOKEN,
    password,
    token,
  ];
  const found = [...artefacts].flatMap(([place, text]) =>
    secrets.flatMap(formsOf).flatMap((form) => (text.includes(form) ? [place] : [])),
  );
  expect(artefacts.size).toBeGreaterThan(9);
  expect(artefacts.get("metrics 200")).toContain("skein_up 1");
  expect(found).toEqual([]);
  // The one secret that a server makes is for who may read its file.
  expect(
    process.platform === "win32" ||
      (statSync(tokenFile, { throwIfNoEntry: false })?.mode ?? 0o600) & 0o077,
  ).toBe(process.platform === "win32" ? true : 0);
});
