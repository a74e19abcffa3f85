import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";

import { removeRepositories } from "../adapters/git/repositories.ts";
import { fail, startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer, ModelServerOptions } from "../support/model-servers/index.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";

const servers: ModelServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

afterAll(removeRepositories);

async function serve(options: ModelServerOptions = {}): Promise<ModelServer> {
  const server = await startModelServer(options);
  servers.push(server);
  return server;
}

const env = { ANTHROPIC_TEST: "test-anthropic", OPENAI_TEST: "test-openai" };

/** One model of each kind of provider. */
function settingsFor(anthropic: string, openai: string): string {
  return `providers:
  claude: { kind: anthropic, base_url: "${anthropic}", api_key: env:ANTHROPIC_TEST }
  openai: { kind: openai, base_url: "${openai}", api_key: env:OPENAI_TEST }
  local: { kind: openai-compatible, base_url: "${openai}" }
models:
  sonnet: { provider: claude, id: claude-sonnet-5-5 }
  terra: { provider: openai, id: gpt-5.6-terra }
  qwen: { provider: local, id: qwen3-coder }
`;
}

describe("skein models check", () => {
  test("calls each model once and tells latency, tier and price", async () => {
    const window = { requests: 100, windowMs: 60_000 };
    const anthropic = await serve({ key: "test-anthropic", window });
    const openai = await serve({});
    const { skein } = aCommandLine({ "skein.yml": settingsFor(anthropic.url, openai.v1) });

    const { code, out } = await skein("models check --json", { env });

    expect(code).toBe(0);
    const { models, notes } = JSON.parse(out);
    expect(notes).toEqual([]);
    expect(models).toMatchObject([
      {
        model: "sonnet",
        family: "claude",
        ok: true,
        tier: "pro",
        requests_limit: 100,
        price_known: true,
      },
      { model: "terra", family: "gpt", ok: true, tier: null, price_known: true },
      { model: "qwen", family: "qwen", ok: true, tier: null, price_known: true, error: null },
    ]);
    expect(models.every((each: { latency_ms: number }) => each.latency_ms >= 0)).toBe(true);
    expect([anthropic.calls.length, openai.calls.length]).toEqual([1, 2]);
    expect(openai.calls.map(({ format }) => format).toSorted()).toEqual([
      "openai-chat",
      "openai-responses",
    ]);
  });

  test("tells the next step once, also where the message has it already", async () => {
    const server = await serve();
    const { skein } = aCommandLine({ "skein.yml": settingsFor(server.url, server.v1) });

    const { out } = await skein("models check", { env: { OPENAI_TEST: "test-openai" } });

    expect(out).toContain("SKN-3751");
    expect(out.split("Set ANTHROPIC_TEST in the environment")).toHaveLength(2);
  });

  test("tells a price with every digit that counts", async () => {
    const { url, v1 } = await serve();
    const settings = settingsFor(url, v1).replace(
      "id: qwen3-coder }",
      "id: qwen3-coder, price: { input: 0.125, output: 0.004 } }",
    );
    const { skein } = aCommandLine({ "skein.yml": settings });

    const { out } = await skein("models check", { env });

    expect(out).toContain("2.00 / 10.00 USD a million tokens in / out");
    expect(out).toContain("0.125000 / 0.004000 USD a million tokens in / out");
  });

  test("says of a model without a price that this is what is missing", async () => {
    const server = await serve({ key: "test-openai" });
    const settings = `providers:
  router: { kind: openai-compatible, base_url: "${server.v1}", api_key: env:OPENAI_TEST }
models:
  new: { provider: router, id: unheard-of-1 }
`;
    const line = aCommandLine({ "skein.yml": settings, "plan.yml": twoTasks });

    const { code, out } = await line.skein("models check", { env });

    expect(code).toBe(7);
    expect(out).toContain("Declare one: models.new.price in skein.yml.");
    expect(out).toContain("or declare the price where that is what is missing");
  });

  test("counts what the calls cost where there is a ledger, and stops before the call that a budget does not hold", async () => {
    const server = await serve();
    const settings = `${settingsFor(server.url, server.v1)}budgets: { day_usd: 0.00001 }\n`;
    const line = aCommandLine({ "skein.yml": settings, "plan.yml": twoTasks });
    await line.skein("plan import plan.yml");

    const { code, out } = await line.skein("models check", { env });

    expect(code).toBe(7);
    expect(out).toContain("SKN-6751");
    expect(out).toContain("qwen (local, qwen): ready");
    expect(server.calls.map(({ model }) => model)).toEqual(["qwen3-coder"]);
  });

  test("names what is wrong with each model in our own words, and tries nothing twice", async () => {
    const anthropic = await serve({ key: "another-key" });
    const openai = await serve({ reply: () => fail(503) });
    const { skein } = aCommandLine({ "skein.yml": settingsFor(anthropic.url, openai.v1) });

    const { code, out } = await skein("models check", { env });

    expect(code).toBe(4);
    expect(out).toContain("sonnet (claude, claude): SKN-3751");
    expect(out).toContain("terra (openai, gpt): SKN-8752");
    expect(out).toContain("qwen (local, qwen): SKN-8752");
    expect(out).not.toContain("test-anthropic");
    expect([anthropic.calls.length, openai.calls.length]).toEqual([1, 2]);
  });

  test("names the variable of a key that is not set, and sends nothing", async () => {
    const anthropic = await serve();
    const openai = await serve();
    const { skein } = aCommandLine({ "skein.yml": settingsFor(anthropic.url, openai.v1) });

    const { code, out } = await skein("models check", { env: { OPENAI_TEST: "x" } });

    expect(code).toBe(4);
    expect(out).toContain("ANTHROPIC_TEST");
    expect(anthropic.calls).toEqual([]);
  });

  test("calls what is committed on the default branch, whatever the worktree says", async () => {
    const good = await serve();
    const evil = await serve();
    const line = aCommandLine({ "skein.yml": settingsFor(good.url, good.v1) });
    edit(line, settingsFor(evil.url, evil.v1).replace("env:ANTHROPIC_TEST", "cmd:touch stolen"));

    const { out } = await line.skein("models check", { env });

    expect(out).toContain(
      "skein.yml differs here from the default branch in providers: what is committed there counts.",
    );
    expect(good.calls).toHaveLength(3);
    expect(evil.calls).toEqual([]);
  });

  test("does not follow another branch either", async () => {
    const good = await serve();
    const evil = await serve();
    const line = aCommandLine({ "skein.yml": settingsFor(good.url, good.v1) });
    const { root } = line.repository;
    execFileSync("git", ["checkout", "--quiet", "-b", "skein/task-1"], { cwd: root });
    edit(line, settingsFor(evil.url, evil.v1));
    const person = ["-c", "user.name=ana", "-c", "user.email=ana@example.org"];
    execFileSync("git", [...person, "commit", "--quiet", "--all", "--message", "mine"], {
      cwd: root,
    });

    await line.skein("models check", { env });

    expect([good.calls.length, evil.calls.length]).toEqual([3, 0]);
  });

  test("refuses models that are not committed, and calls nothing", async () => {
    const server = await serve();
    const line = aCommandLine();
    edit(line, settingsFor(server.url, server.v1));

    const { code, err } = await line.skein("models check", { env });

    expect(code).toBe(3);
    expect(err).toContain("SKN-2752");
    expect(err).toContain("Commit skein.yml on the default branch");
    expect(server.calls).toEqual([]);
  });

  test("says so when there is no model", async () => {
    const { code, err } = await aCommandLine().skein("models check");

    expect(code).toBe(3);
    expect(err).toContain("SKN-2753");
  });
});

function edit({ repository }: CommandLine, text: string): void {
  writeFileSync(join(repository.root, "skein.yml"), text);
}
