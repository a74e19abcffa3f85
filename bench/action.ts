import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { actionFolder, buildAction } from "../scripts/action-bundle.ts";
import { atMost, isQuick, report } from "./support/figure.ts";
import { callFigures } from "./support/github-calls.ts";
import { median, rounded } from "./support/statistics.ts";

const rounds = isQuick ? 5 : 21;

/**
 * From the start of the Action's process to the first request that GitHub would see: the frame, the settings, a store in memory and the
 * client, bundled as they are released. And the size of that bundle, with the models and the database that no run loads before it needs one, and
 * the requests that GitHub answers.
 */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "skein-action-"));
  await buildAction({
    entry: "bench/support/action-probe.ts",
    folder: join(folder, "dist"),
  });
  const event = join(folder, "event.json");
  writeFileSync(event, JSON.stringify(anEvent));
  const [startMs, nothingMs]: [number[], number[]] = [[], []];
  const server = createServer((request, response) => {
    askedAt = performance.now();
    request.resume();
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ full_name: "ada/engine" }));
  });
  let askedAt = Number.NaN;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? String(address?.port) : "";
  const env = envOf(folder, event, `http://127.0.0.1:${port}`);
  for (let round = 0; round < rounds; round += 1) {
    nothingMs.push(await timeOf(["-e", "0"], env));
    askedAt = Number.NaN;
    const begunAt = performance.now();
    await timeOf([join(folder, "dist", "index.mjs")], env);
    startMs.push(askedAt - begunAt);
  }
  server.close();
  rmSync(folder, { recursive: true });
  report([
    {
      name: "Action: start to first API call",
      value: rounded(median(startMs)),
      unit: "ms",
      target: atMost(400),
    },
    {
      name: "`node -e 0`, for comparison",
      value: rounded(median(nothingMs)),
      unit: "ms",
      target: null,
    },
    {
      name: "Action: bundle",
      value: rounded(committedBytes() / 1e6),
      unit: "MB",
      target: atMost(4),
    },
    ...(await callFigures()),
  ]);
}

/** Of what a runner is given. */
function committedBytes(): number {
  return readdirSync(actionFolder).reduce(
    (sum, name) => sum + statSync(join(actionFolder, name)).size,
    0,
  );
}

const anEvent = {
  repository: { full_name: "ada/engine", id: 1, private: true, default_branch: "main" },
  sender: { login: "ada", id: 1, type: "User" },
  ref: "refs/heads/main",
  before: "0".repeat(40),
  after: "a".repeat(40),
};

/** What a runner sets, and nothing of this process but the path. */
function envOf(folder: string, event: string, apiUrl: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    "INPUT_GITHUB-TOKEN": "ghs_0123456789",
    GITHUB_EVENT_NAME: "push",
    GITHUB_EVENT_PATH: event,
    GITHUB_REPOSITORY: "ada/engine",
    GITHUB_SHA: "a".repeat(40),
    GITHUB_RUN_ID: "1",
    GITHUB_API_URL: apiUrl,
    RUNNER_TEMP: folder,
  };
}

/** Runs a program of Node to its end. @throws {Error} With what it said, when it fails. */
async function timeOf(args: readonly string[], env: Record<string, string>): Promise<number> {
  const begunAt = performance.now();
  const child = spawn(process.execPath, [...args], { env, timeout: 20_000 });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  }
  const [code] = (await once(child, "close")) as readonly unknown[];
  if (code !== 0) {
    throw new Error(`node ${args.join(" ")} ended with ${String(code)}:\n${said}`);
  }
  return performance.now() - begunAt;
}

await main();
