import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { testEnv } from "../adapters/git/repositories.ts";
import { secret, sendHook } from "../bot/app/stand.ts";
import type { HookAnswer } from "../bot/app/stand.ts";
import { startGithub } from "../support/github/server.ts";
import type { Github } from "../support/github/server.ts";
import { skeinBin } from "../support/mcp-process.ts";
import { startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer } from "../support/model-servers/index.ts";
import {
  after,
  before,
  bug,
  reviewEnv,
  scriptedReviewer,
  settingsFor,
} from "../support/review-stand.ts";

const run = promisify(execFile);
const shop = "acme/shop";
let github: Github;
let folder: string;
let bot: ChildProcess;
let port: number;
let log: string;
let servers: ModelServer[];

beforeEach(async () => {
  servers = await Promise.all(
    ["test-anthropic", "test-openai"].map(async (key) =>
      startModelServer({ key, reply: scriptedReviewer({ finds: true, invents: true }) }),
    ),
  );
  github = await startGithub();
  folder = mkdtempSync(join(tmpdir(), "skein-bot-review-"));
  github.addUser("grace");
  await github.addRepository({ fullName: shop });
  github.setPermission(shop, "grace", "write");
  const [claude, router] = servers;
  if (claude === undefined || router === undefined) {
    throw new Error("two servers were started");
  }
  const files = { "skein.yml": settingsFor(claude, router), "src/pay.ts": before };
  await github.commit(shop, { branch: "main", files });
  await github.commit(shop, { branch: "feature/pay", files: { "src/pay.ts": after } });
  const { app, privateKey } = github.addApp("skein", {
    contents: "read",
    issues: "write",
    pull_requests: "write",
    checks: "write",
  });
  github.install(app, "acme");
  writeFileSync(join(folder, "key.pem"), privateKey);
  chmodSync(join(folder, "key.pem"), 0o600);
  await startBot(app.id);
});

afterEach(async () => {
  bot.kill("SIGKILL");
  expect(github.violations).toEqual([]);
  await github.close();
  await Promise.all(servers.map(async (server) => server.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function startBot(appId: number): Promise<void> {
  const options = {
    "--app-id": String(appId),
    "--private-key": `file:${join(folder, "key.pem")}`,
    "--webhook-secret": "env:HOOK",
    "--github-url": github.webUrl,
    "--data": join(folder, "data"),
    "--port": "0",
  };
  bot = spawn(process.execPath, [skeinBin, "bot", ...Object.entries(options).flat()], {
    env: {
      ...testEnv,
      ...reviewEnv,
      HOOK: secret,
      PAYROLL: "pa4roll9of7the3operator",
      SKEIN_BOT_KEYS: Object.keys(reviewEnv).join(", "),
      SKEIN_BOT_BASE_URLS: servers.flatMap(({ url, v1 }) => [url, v1]).join(", "),
    },
  });
  let out = "";
  log = "";
  bot.stderr?.on("data", (chunk) => {
    log += String(chunk);
  });
  bot.stdout?.on("data", (chunk) => {
    out += String(chunk);
  });
  await vi.waitUntil(() => /port \d+/u.test(out), { timeout: 60_000, interval: 20 });
  port = Number(/port (\d+)/u.exec(out)?.[1]);
}

/** What strangers may write into the settings of a repository that installed the App. */
const strangers = [
  [
    "a variable of its process for a server of its machine",
    "{ kind: openai-compatible, base_url: OWN, api_key: env:PAYROLL }",
  ],
  ["a variable of its process for a real provider", "{ kind: openai, api_key: env:PAYROLL }"],
  ["a port of its machine that nobody allowed", "{ kind: openai-compatible, base_url: LOCAL }"],
  ["a file of its machine", "{ kind: openai-compatible, base_url: OWN, api_key: file:KEY }"],
  [
    "a program on its machine",
    '{ kind: openai-compatible, base_url: OWN, api_key: "cmd:touch MARK" }',
  ],
] as const;

describe("skein bot and the settings of a stranger", () => {
  test.each(strangers)(
    "does not use %s, and says so in the check and the log",
    async (_, written) => {
      const local = await startModelServer({ reply: () => "{}" });
      servers.push(local);
      const mark = join(folder, "mark");
      const provider = written
        .replace("OWN", servers[1]?.v1 ?? "")
        .replace("LOCAL", local.v1)
        .replace("KEY", join(folder, "key.pem"))
        .replace("MARK", mark);
      const settings = `providers:\n  theirs: ${provider}\nmodels:\n  one: { provider: theirs, id: one, price: { input: 0, output: 0 } }\n`;
      await github.commit(shop, { branch: "main", files: { "skein.yml": settings } });
      const { number } = await github.openPull(shop, {
        title: "Settle by index",
        author: "grace",
        head: "feature/pay",
      });
      const facts = { repository: shop, number, sender: "grace" };
      const hook = await github.webhookOf("pull_request.opened", facts);
      await deliver(hook.body, hook.id);
      await vi.waitUntil(() => log.includes('"what":"delivery"'), { timeout: 120_000 });

      const checks = [...github.repository(shop).runs.values()];
      const check = checks.find(({ name }) => name === "skein/review");
      expect(check).toMatchObject({ conclusion: "skipped", headSha: expect.any(String) });
      expect(JSON.stringify(check)).toContain("SKN-8757");
      expect(log).toContain("SKN-8757");
      expect(servers.flatMap(({ calls }) => calls)).toEqual([]);
      expect(existsSync(mark)).toBe(false);
      expect(log + JSON.stringify(writes())).not.toContain("pa4roll");
      expect(JSON.stringify(writes())).not.toContain(folder);
    },
  );

  test("fills in no variable of its process", async () => {
    const settings = 'integration: { branch: "${PAYROLL}" }\n';
    await github.commit(shop, { branch: "main", files: { "skein.yml": settings } });
    const { number } = await github.openPull(shop, {
      title: "Settle by index",
      author: "grace",
      head: "feature/pay",
    });
    const facts = { repository: shop, number, sender: "grace" };
    const hook = await github.webhookOf("pull_request.opened", facts);
    await deliver(hook.body, hook.id);
    await vi.waitUntil(() => log.includes('"what":"delivery"'), { timeout: 120_000 });

    const checks = [...github.repository(shop).runs.values()];
    const conclusions = checks.map(({ name, conclusion }) => [name, conclusion]);
    expect(conclusions).toEqual([
      ["skein/rules", "failure"],
      ["skein/review", "neutral"],
    ]);
    expect(JSON.stringify(checks[0])).toContain("SKN-2004");
    // So that the head is reviewed once the settings are mended.
    expect(checks[1]?.externalId).toMatch(/^skipped:/u);
    expect(log).toContain("SKN-2004");
    expect(log).not.toContain('"level":"error"');
    expect(log + JSON.stringify(writes())).not.toContain("pa4roll");
  });
});

/** Puts a change into the merge queue and tells the bot; the answer is the queue's head. */
async function enterQueue(): Promise<string> {
  const base = await github.commit(shop, { branch: "main", files: { "README.md": "Shop.\n" } });
  const branch = "gh-readonly-queue/main/pr-7-c0ffee";
  const head = await github.commit(shop, { branch, files: { "src/pay.ts": after } });
  const push = await github.webhookOf("push", {
    repository: shop,
    sender: "grace",
    ref: "refs/heads/main",
    before: base,
    after: base,
  });
  const { repository, sender, installation } = JSON.parse(push.body);
  const merge_group = {
    head_sha: head,
    head_ref: `refs/heads/${branch}`,
    base_sha: base,
    base_ref: "refs/heads/main",
  };
  const action = "checks_requested";
  const payload = { action, merge_group, repository, sender, installation };
  await deliver(JSON.stringify(payload), "queue-0001", "merge_group");
  return head;
}

describe("skein bot and settings that cannot be used", () => {
  test("says so in the check of a merge queue, which would wait for it", async () => {
    await github.commit(shop, { branch: "main", files: { "skein.yml": "reviw: {}\n" } });
    const head = await enterQueue();
    await idle(1);

    const checks = [...github.repository(shop).runs.values()];
    expect(checks.map(({ name, headSha, conclusion }) => ({ name, headSha, conclusion }))).toEqual([
      { name: "skein/rules", headSha: head, conclusion: "failure" },
    ]);
  });

  test("answers who may write, and nobody else", async () => {
    await github.commit(shop, { branch: "main", files: { "skein.yml": "reviw: {}\n" } });
    github.addUser("mallory");
    const { number } = github.openIssue(shop, {
      title: "Pay twice",
      body: "It pays twice.",
      author: "mallory",
    });
    for (const author of ["mallory", "grace"]) {
      const { id: commentId } = github.comment(shop, number, { author, body: "/skein status" });
      const facts = { repository: shop, number, sender: author, commentId };
      const hook = await github.webhookOf("issue_comment.created", facts);
      log = "";
      await deliver(hook.body, hook.id, "issue_comment");
      await vi.waitUntil(() => log.includes('"what":"delivery"'), { timeout: 120_000 });
    }

    const { body, id } = await github.webhookOf("issues.labeled", {
      repository: shop,
      number,
      sender: "grace",
      label: "bug",
    });
    log = "";
    await deliver(body, id, "issues");
    await vi.waitUntil(() => log.includes('"what":"delivery"'), { timeout: 120_000 });

    const bodies = [...github.repository(shop).comments.values()].map((comment) => comment.body);
    expect(bodies.filter((text) => text.includes("SKN-2002"))).toHaveLength(1);
    expect(bodies.at(-1)).toContain("SKN-2002");
  });
});

describe("skein bot", () => {
  test("reviews a pull request after a signed webhook, and does nothing for the same again or a forged one", async () => {
    const { number } = await github.openPull(shop, {
      title: "Settle by index",
      author: "grace",
      head: "feature/pay",
    });
    const hook = await github.webhookOf("pull_request.opened", {
      repository: shop,
      number,
      sender: "grace",
    });

    const first = await deliver(hook.body, hook.id);
    await idle(1);
    const written = writes().length;
    const again = await deliver(hook.body, hook.id);
    const forged = await sendHook({
      port,
      guid: "forged-0001",
      body: hook.body,
      headers: { "x-hub-signature-256": `sha256=${"0".repeat(64)}` },
    });
    await idle(1);

    expect([first, again, forged].map(({ status }) => status)).toEqual([202, 202, 401]);
    expect(reviewComments()).toMatchObject([{ path: bug.path, line: 3 }]);
    const checks = [...github.repository(shop).runs.values()];
    expect(checks.find(({ name }) => name === "skein/review")?.annotations).toMatchObject([
      { path: bug.path, start_line: 3, annotation_level: "failure" },
    ]);
    expect(writes()).toHaveLength(written);
    expect(writes().every(({ as }) => as === "skein[bot]")).toBe(true);
  });

  test("judges the head of a merge queue by the rules", async () => {
    const head = await enterQueue();
    await idle(1);

    const checks = [...github.repository(shop).runs.values()];
    expect(checks.map(({ name, headSha, conclusion }) => ({ name, headSha, conclusion }))).toEqual([
      { name: "skein/rules", headSha: head, conclusion: "success" },
    ]);
  });

  test("makes a task of a check that fails on the default branch, once", async () => {
    const more = "github: { tasks: { failing_checks: true } }\n";
    const head = await github.commit(shop, { branch: "main", files: { "skein.yml": more } });
    const { app: ci } = github.addApp("ci", { checks: "write" });
    const token = github.installationToken(github.install(ci, "acme"));
    const made = await fetch(`${github.url}/repos/${shop}/check-runs`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({
        name: "unit",
        head_sha: head,
        status: "completed",
        conclusion: "failure",
      }),
    });
    expect(made.status).toBe(201);
    const [checkRun] = github.repository(shop).runs.values();
    const facts = { repository: shop, sender: "grace", checkRunId: checkRun?.id ?? 0 };
    const hook = await github.webhookOf("check_run.completed", facts);
    await deliver(hook.body, "check-0001", "check_run");
    await deliver(hook.body, "check-0002", "check_run");
    await idle(2);

    const issues = [...github.repository(shop).issues.values()];
    expect(issues.map(({ title }) => title)).toEqual(["The check unit fails on main"]);
  });

  test("plans an issue when its label asks, and creates the parts on approval; the tasks are there, too", async () => {
    const body = `We charge the wrong VAT abroad.

- [ ] T1: Extract the price rules files: src/price.ts
- [ ] T2: Charge VAT by country files: src/vat.ts depends on T1
`;
    const { number } = github.openIssue(shop, {
      title: "Rework the checkout",
      body,
      author: "grace",
      labels: ["skein:plan"],
    });
    const facts = { repository: shop, number, sender: "grace" };
    const labeled = await github.webhookOf("issues.labeled", { ...facts, label: "skein:plan" });
    await deliver(labeled.body, labeled.id, "issues");
    await idle(1);
    const hash = /skein approve ([0-9a-f]{32,64})/u.exec(
      JSON.stringify(writes().map((call) => call.body)),
    )?.[1];

    const { id: commentId } = github.comment(shop, number, {
      author: "grace",
      body: `/skein approve ${hash ?? ""}`,
    });
    const command = await github.webhookOf("issue_comment.created", { ...facts, commentId });
    await deliver(command.body, command.id, "issue_comment");
    await idle(2);

    const titles = [...github.repository(shop).issues.values()].map(({ title }) => title);
    expect(titles).toEqual([
      "Rework the checkout",
      "Extract the price rules",
      "Charge VAT by country",
    ]);
    expect(writes().filter(({ path }) => path.endsWith("/dependencies/blocked_by"))).toHaveLength(
      1,
    );
    const clone = join(folder, "data", "repositories", String(github.repository(shop).id));
    const listed = await run(process.execPath, [skeinBin, "task", "list", "--json"], {
      cwd: clone,
      env: testEnv,
    });
    expect(listed.stdout).toContain(`gh-${String(number)}`);
  });
});

async function deliver(body: string, guid: string, event = "pull_request"): Promise<HookAnswer> {
  return sendHook({ port, guid, body, event });
}

/** Until so many deliveries are done and none waits. */
async function idle(done: number): Promise<void> {
  await vi.waitUntil(
    async () => {
      const { body } = await sendHook({ port, body: "", path: "/readyz", method: "GET" });
      const { deliveries }: { deliveries: Record<string, number> } = JSON.parse(body);
      if ((deliveries["dead"] ?? 0) > 0) {
        throw new Error(`a delivery was given up: ${body}`);
      }
      return (
        deliveries["waiting"] === 0 &&
        deliveries["running"] === 0 &&
        (deliveries["done"] ?? 0) >= done
      );
    },
    { timeout: 120_000, interval: 100 },
  );
}

function writes(): Github["calls"] {
  return github.calls.filter(
    ({ method, path }) =>
      method !== "GET" &&
      path !== "/graphql" &&
      !path.endsWith("/access_tokens") &&
      path !== "/installation/token",
  );
}

function reviewComments(): readonly unknown[] {
  return writes()
    .filter(({ path, status }) => path.endsWith("/reviews") && status === 200)
    .flatMap(({ body }) =>
      typeof body === "object" &&
      body !== null &&
      "comments" in body &&
      Array.isArray(body["comments"])
        ? body["comments"]
        : [],
    );
}
