import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { testEnv } from "../adapters/git/repositories.ts";
import { aPullEvent, secret, sendHook } from "../bot/app/stand.ts";
import { startGithub } from "../support/github/server.ts";
import type { Github } from "../support/github/server.ts";
import { skeinBin } from "../support/mcp-process.ts";

let github: Github;
let folder: string;
let appId: number;
const running: ChildProcess[] = [];

beforeEach(async () => {
  github = await startGithub();
  folder = mkdtempSync(join(tmpdir(), "skein-bot-e2e-"));
  github.addUser("ada");
  await github.addRepository({ fullName: "ada/engine" });
  const { app, privateKey } = github.addApp("skein", {
    contents: "read",
    issues: "write",
    pull_requests: "write",
    checks: "write",
  });
  github.install(app, "ada");
  appId = app.id;
  writeFileSync(join(folder, "key.pem"), privateKey);
  chmodSync(join(folder, "key.pem"), 0o600);
});

afterEach(async () => {
  for (const child of running.splice(0)) {
    child.kill("SIGKILL");
  }
  expect(github.violations).toEqual([]);
  await github.close();
  rmSync(folder, { recursive: true });
});

interface Bot {
  readonly child: ChildProcess;
  readonly port: number;
  readonly exited: Promise<number | null>;
}

async function startBot(): Promise<Bot> {
  const options = {
    "--app-id": String(appId),
    "--private-key": `file:${join(folder, "key.pem")}`,
    "--webhook-secret": "env:HOOK",
    "--github-url": github.webUrl,
    "--data": join(folder, "data"),
    "--port": "0",
  };
  const child = spawn(process.execPath, [skeinBin, "bot", ...Object.entries(options).flat()], {
    env: { ...testEnv, HOOK: secret },
  });
  running.push(child);
  let out = "";
  child.stdout.on("data", (chunk) => {
    out += String(chunk);
  });
  const exited = new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  await vi.waitUntil(() => /port \d+/u.test(out), { timeout: 60_000, interval: 20 });
  return { child, exited, port: Number(/port (?<port>\d+)/u.exec(out)?.groups?.["port"]) };
}

interface Counts {
  readonly waiting: number;
  readonly running: number;
  readonly done: number;
  readonly dead: number;
}

async function countsOf({ port }: Bot): Promise<Counts> {
  const { body } = await sendHook({ port, body: "", path: "/readyz", method: "GET" });
  const { deliveries }: { deliveries: Counts } = JSON.parse(body);
  return deliveries;
}

test("what was acknowledged is worked on after a kill, once each, and a stop ends in order", async () => {
  const first = await startBot();
  const guids = Array.from({ length: 40 }, (_, index) => `guid-${String(index).padStart(6, "0")}`);
  const body = JSON.stringify(aPullEvent());
  const answers = await Promise.all(
    guids.map(async (guid) => sendHook({ port: first.port, guid, event: "star", body })),
  );
  const wanted = await Promise.all(
    guids.map(async (guid) => sendHook({ port: first.port, guid: `w-${guid}`, body })),
  );
  first.child.kill("SIGKILL");
  await first.exited;
  expect(new Set([...answers, ...wanted].map(({ status }) => status))).toEqual(new Set([202]));

  const second = await startBot();
  const again = await sendHook({ port: second.port, guid: "guid-000007", event: "star", body });
  await vi.waitUntil(
    async () => {
      const { waiting, dead } = await countsOf(second);
      return waiting === 0 || dead > 0;
    },
    { timeout: 200_000, interval: 100 },
  );

  expect(again.body).toBe('{"known":"guid-000007"}');
  const { done, running: held, dead } = await countsOf(second);
  // What the killed process had in its hands comes back when its lease ends.
  expect(done + held).toBe(80);
  expect(dead).toBe(0);
  second.child.kill("SIGTERM");
  expect(await second.exited).toBe(0);
});
