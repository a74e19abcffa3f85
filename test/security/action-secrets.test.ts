import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, Server } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createGit, ensureHistory } from "../../src/adapters/git/index.ts";
import { checkOut, jobRights, payloadOf, runStep, shop } from "../support/action-stand.ts";
import type { StepEnd } from "../support/action-stand.ts";
import { plainEnv } from "../support/coordinated-repository.ts";
import { startGithub } from "../support/github/server.ts";
import type { Github } from "../support/github/server.ts";
import { startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer } from "../support/model-servers/index.ts";
import { after, before, bug, scriptedReviewer } from "../support/review-stand.ts";

/** Made of parts: scanners would take them for secrets. */
function plant(name: string): string {
  return [name, "q7Rt", "Zk2p", "W9xB", "d4Mc", "V8nL", "s3Hy"].join("");
}
const anthropicKey = plant("anthropic");
const openaiKey = plant("openai");
const stateKey = plant("state");
/** Of the job, and nobody's business. */
const ofJob: Readonly<Record<string, string>> = {
  ACTIONS_RUNTIME_TOKEN: plant("runtime"),
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: plant("oidc"),
  GITHUB_TOKEN: plant("ghtoken"),
  NODE_AUTH_TOKEN: plant("npm"),
  AWS_SECRET_ACCESS_KEY: plant("aws"),
};

/** What a child of Skein may see, beside what a shell adds by itself. */
const seen = new Set(
  (
    "PATH HOME USER LOGNAME TMPDIR TEMP TMP XDG_CONFIG_HOME GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM LC_ALL GIT_TERMINAL_PROMPT " +
    "GIT_OPTIONAL_LOCKS GIT_PAGER GIT_EDITOR GIT_ASKPASS SSH_ASKPASS GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE " +
    "GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0 PWD OLDPWD SHLVL _"
  ).split(" "),
);

let github: Github;
let claude: ModelServer;
let router: ModelServer;
let token: string;
let pull: number;
const folders: string[] = [];
const closing: Server[] = [];

beforeEach(async () => {
  const reply = scriptedReviewer({ finds: true, invents: false });
  claude = await startModelServer({ key: anthropicKey, reply });
  router = await startModelServer({ key: openaiKey, reply });
  github = await startGithub();
  github.addUser("grace");
  await github.addRepository({ fullName: shop });
  github.setPermission(shop, "grace", "write");
  token = github.jobToken(shop, jobRights);
  await github.commit(shop, { branch: "main", files: { "src/pay.ts": before } });
  // Somebody has committed the keys of the job itself.
  const leak = [anthropicKey, openaiKey, token, stateKey, ...Object.values(ofJob)];
  const leaked = leak.map((value, index) => `export const k${String(index)} = "${value}";\n`);
  await github.commit(shop, {
    branch: "feature/pay",
    files: { "src/pay.ts": after, "src/keys.ts": leaked.join("") },
  });
  const draft = { title: "Settle", author: "grace", head: "feature/pay" };
  ({ number: pull } = await github.openPull(shop, draft));
});

afterEach(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
  await Promise.all([claude.close(), router.close()]);
  await Promise.all(
    closing.splice(0).map(async (server) => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }),
  );
  folders.splice(0).forEach((folder) => {
    rmSync(folder, { recursive: true, force: true });
  });
});

describe("the secrets of a job", () => {
  test("go where they belong and nowhere else", async () => {
    const git = spyingGit();
    const api = await recordingProxy(github.url);

    const step = await review({
      env: { PATH: `${git.folder}:${plainEnv["PATH"] ?? ""}` },
      apiUrl: api.url,
    });

    expect(step.code, step.log).toBe(0);
    expect(step.outputs).toMatchObject({ conclusion: expect.any(String) });
    expectGitSawNoSecret(git.runs());
    // Each key at its own provider, in its own header.
    expect(claude.calls.length).toBeGreaterThan(0);
    expect(router.calls.length).toBeGreaterThan(0);
    expectNone(JSON.stringify(claude.calls.map(({ headers }) => headers)), allBut(anthropicKey));
    expectNone(JSON.stringify(router.calls.map(({ headers }) => headers)), allBut(openaiKey));
    const prompts = [...claude.calls, ...router.calls].map(({ body }) => body);
    expectNone(JSON.stringify(prompts), all());
    expectNone(JSON.stringify(api.came.map(({ headers }) => headers)), allBut(token));
    expect(api.came.every(({ headers }) => headers.authorization?.includes(token))).toBe(true);
    expectNone(JSON.stringify(api.came.map(({ body, url }) => [body, url])), all());
    expectToldNothing(step);
    expect(step.summary).toContain(bug.title);
  });

  test("are in nothing that one job hands to the next", async () => {
    const folder = aFolder("skein-handed-");
    const path = join(folder, "handover.json");
    const readOnly = { contents: "read", issues: "read", pull_requests: "read" } as const;
    token = github.jobToken(shop, readOnly);

    const collected = await review({ stage: "collect", handed: path });
    expectNone(readFileSync(path, "utf8"), all());
    const thought = await review({ stage: "think", handed: path });

    expect([collected.code, thought.code], thought.log).toEqual([0, 0]);
    expectNone(readFileSync(path, "utf8"), all());
    expect(readFileSync(path, "utf8")).toContain(bug.title);
    expectToldNothing(thought);
  });
});

describe("a host that sends requests elsewhere", () => {
  test("gets none of the API's followed to another host", async () => {
    const other = await recordingServer(() => ({ status: 200, body: "{}" }));
    const api = await recordingServer(({ url }) => ({
      status: 307,
      body: "",
      location: `${other.url}${url ?? ""}`,
    }));

    const step = await review({ apiUrl: api.url });

    expect(step.code).toBe(1);
    expect(api.came.length).toBeGreaterThan(0);
    expect(other.came).toEqual([]);
    expectToldNothing(step);
  });

  test("gets no token of git's to another host", async () => {
    const other = await recordingServer(() => ({ status: 404, body: "" }));
    const server = await recordingServer(({ url }) => ({
      status: 302,
      body: "",
      location: `${other.url}${url ?? ""}`,
    }));
    const cwd = await checkOut(github);
    folders.push(cwd);
    execFileSync("git", ["-C", cwd, "remote", "set-url", "origin", `${server.url}/${shop}.git`]);
    const git = createGit({ cwd, env: plainEnv });
    const shas = { base: "a".repeat(40), head: "b".repeat(40) };

    await expect(
      ensureHistory(git, { ...shas, pull, access: { serverUrl: server.url, token } }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^SKN-/u) });

    expect(server.came.some(({ headers }) => headers.authorization !== undefined)).toBe(true);
    expect(other.came.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });
});

interface Asked {
  readonly env?: Readonly<Record<string, string>>;
  readonly apiUrl?: string;
  readonly stage?: string;
  readonly handed?: string;
}

async function review({ env = {}, apiUrl, stage = "all", handed }: Asked): Promise<StepEnd> {
  const payload = await payloadOf(github, "grace", { action: "opened", pull });
  return runStep({
    github,
    event: "pull_request",
    payload,
    token,
    apiUrl,
    inputs: {
      mode: "review",
      stage,
      preset: "fast",
      ...(stage === "collect"
        ? {}
        : {
            "anthropic-api-key": anthropicKey,
            "anthropic-base-url": claude.url,
            "openai-api-key": openaiKey,
            "openai-base-url": router.v1,
          }),
      ...(stage === "all" ? { "state-key": stateKey } : {}),
      ...(handed === undefined ? {} : { "handover-path": handed }),
    },
    env: { ...ofJob, ...env },
  });
}

function all(): readonly string[] {
  return [anthropicKey, openaiKey, stateKey, token, ...Object.values(ofJob)];
}

function allBut(one: string): readonly string[] {
  return all().filter((secret) => secret !== one);
}

/** Plain, in base64 at every offset, in hex, in an address, backwards. */
function expectNone(text: string, secrets: readonly string[]): void {
  for (const secret of secrets) {
    const base64 = [0, 1, 2].map((offset) =>
      Buffer.from(`${"x".repeat(offset)}${secret}`)
        .toString("base64")
        .slice(4, -4),
    );
    const ways = [
      secret,
      ...base64,
      Buffer.from(secret).toString("hex"),
      Array.from(secret).toReversed().join(""),
    ];
    expect(
      ways.filter((way) => text.includes(way)),
      secret,
    ).toEqual([]);
  }
}

/** The runner hides what stands behind its own command. */
function expectToldNothing({ log, summary, outputs }: StepEnd): void {
  expectNone(log.replaceAll(/^::add-mask::.*$/gmu, ""), all());
  expectNone(summary, all());
  expectNone(JSON.stringify(outputs), all());
  const report = outputs["report-path"] ?? "";
  if (report !== "" && existsSync(report)) {
    for (const name of readdirSync(dirname(report))) {
      expectNone(readFileSync(join(dirname(report), name), "utf8"), all());
    }
  }
}

interface GitRun {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A `git` that writes down what it is given, before it is git. */
function spyingGit(): { readonly folder: string; readonly runs: () => readonly GitRun[] } {
  const folder = aFolder("skein-git-");
  const kept = aFolder("skein-git-runs-");
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  const script = [
    "#!/bin/sh",
    `env -0 > "${kept}/$$.env"`,
    `printf '%s\\0' "$@" > "${kept}/$$.args"`,
    `exec "${real}" "$@"`,
    "",
  ];
  writeFileSync(join(folder, "git"), script.join("\n"));
  chmodSync(join(folder, "git"), 0o755);
  const read = (name: string): readonly string[] =>
    readFileSync(join(kept, name), "utf8").split("\0").slice(0, -1);
  return {
    folder,
    runs: () =>
      readdirSync(kept)
        .filter((name) => name.endsWith(".env"))
        .map((name) => ({
          args: read(name.replace(/env$/u, "args")),
          env: Object.fromEntries(
            read(name).map((line) => [line.replace(/=.*/su, ""), line.replace(/^[^=]*=/u, "")]),
          ),
        })),
  };
}

/** The token is in the environment of what fetches, for GitHub's address alone. */
function expectGitSawNoSecret(runs: readonly GitRun[]): void {
  expect(runs.length).toBeGreaterThan(3);
  for (const { args, env } of runs) {
    const { GIT_CONFIG_VALUE_0: header = "", ...rest } = env;
    expect(Object.keys(env).filter((name) => !seen.has(name))).toEqual([]);
    expectNone(JSON.stringify([args, rest]), all());
    expectNone(header, allBut(token));
    expect(header !== "").toBe(args.includes("fetch"));
    if (header !== "") {
      expect(env["GIT_CONFIG_COUNT"]).toBe("1");
      expect(env["GIT_CONFIG_KEY_0"]).toBe(`http.${github.webUrl}/.extraheader`);
    }
  }
  expect(runs.some(({ args }) => args.includes("fetch"))).toBe(true);
}

function aFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), name));
  folders.push(folder);
  return folder;
}

interface Came {
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Recorder {
  readonly url: string;
  readonly came: readonly Came[];
}

interface Told {
  readonly status: number;
  readonly body: string | Buffer;
  readonly location?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function recordingServer(
  answer: (request: IncomingMessage, body: Buffer) => Told | Promise<Told>,
): Promise<Recorder> {
  const came: Came[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(Buffer.from(chunk));
      }
      const body = Buffer.concat(chunks);
      came.push({ url: request.url, headers: request.headers, body: body.toString("utf8") });
      const { status, body: text, location, headers = {} } = await answer(request, body);
      response.writeHead(status, { ...headers, ...(location === undefined ? {} : { location }) });
      response.end(text);
    })();
  });
  closing.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${String(port)}`, came };
}

/** Hands everything on to the fake as it came. */
async function recordingProxy(to: string): Promise<Recorder> {
  return recordingServer(async ({ method = "GET", url = "/", headers }, body) => {
    const { host: _host, connection: _connection, "content-length": _length, ...kept } = headers;
    const answer = await fetch(`${to}${url}`, {
      method,
      headers: Object.entries(kept).map(([name, value]): [string, string] => [name, String(value)]),
      ...(method === "GET" ? {} : { body: new Uint8Array(body) }),
    });
    const names = ["content-type", "etag", "link"];
    const shown = names.flatMap((name) => {
      const value = answer.headers.get(name);
      return value === null ? [] : [[name, value] as const];
    });
    return {
      status: answer.status,
      headers: Object.fromEntries(shown),
      body: Buffer.from(await answer.arrayBuffer()),
    };
  });
}
