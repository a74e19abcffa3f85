import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { startBot } from "../../../src/bot/index.ts";
import type { BotOptions, RunningBot } from "../../../src/bot/index.ts";
import { plainOutcome } from "../../../src/bot/context.ts";
import type { BotContext } from "../../../src/bot/context.ts";
import { openProbot } from "../../../src/bot/app/probot.ts";
import type { HandlerTable } from "../../../src/bot/dispatch.ts";
import { SkeinError } from "../../../src/core/base/errors.ts";
import { hostingErrors } from "../../../src/core/hosting/index.ts";
import { createCodeHost } from "../../../src/adapters/github/index.ts";
import { wallClock } from "../../../src/adapters/process/clock.ts";
import { systemTimer } from "../../../src/adapters/process/timer.ts";
import { startGithub } from "../../support/github/server.ts";
import type { Github } from "../../support/github/server.ts";
import { aPullEvent, secret, sendHook } from "./stand.ts";

let github: Github;
let dataDir: string;
let key: string;
let appId: number;
let bots: RunningBot[] = [];
let lines: string[] = [];

beforeEach(async () => {
  github = await startGithub();
  dataDir = mkdtempSync(join(tmpdir(), "skein-bot-"));
  lines = [];
  github.addUser("ada");
  github.addUser("tim");
  await github.addRepository({ fullName: "ada/engine" });
  await github.addRepository({ fullName: "ada/vault", isPrivate: true });
  const { app, privateKey } = github.addApp("skein", {
    contents: "read",
    issues: "write",
    pull_requests: "write",
    checks: "write",
  });
  github.install(app, "ada");
  [key, appId] = [privateKey, app.id];
});

afterEach(async () => {
  await Promise.all(bots.splice(0).map(async (bot) => bot.stop()));
  await github.close();
  rmSync(dataDir, { recursive: true });
  vi.doUnmock("probot");
});

async function start(handlers: HandlerTable, odd: Partial<BotOptions> = {}): Promise<RunningBot> {
  const bot = await startBot({
    host: "127.0.0.1",
    port: 0,
    dataDir,
    publicUrl: null,
    appId,
    privateKey: key,
    webhookSecrets: [secret],
    apiUrl: github.url,
    serverUrl: github.webUrl,
    userAgent: "skein/test",
    env: {},
    handlers,
    reconcileMs: 3_600_000,
    write: (line) => lines.push(line),
    ...odd,
  });
  bots.push(bot);
  return bot;
}

/** Handlers that note their context. */
function noting(
  contexts: BotContext[],
  act?: (context: BotContext) => Promise<void>,
): HandlerTable {
  return {
    rules: async () => async () => plainOutcome("success", "The rules hold."),
    review: async () => async (context) => {
      contexts.push(context);
      await act?.(context);
      return plainOutcome("success", "No findings.");
    },
  };
}

async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  await vi.waitFor(
    async () => {
      expect(await isSo()).toBe(true);
    },
    { timeout: 20_000, interval: 20 },
  );
}

function logged(what: string): readonly Readonly<Record<string, unknown>>[] {
  return lines
    .map((line): Readonly<Record<string, unknown>> => JSON.parse(line))
    .filter((entry) => entry["what"] === what);
}

describe("startBot", () => {
  test("works on a delivery with a token for its one repository, which ends with the work", async () => {
    const contexts: BotContext[] = [];
    const seen: string[] = [];
    const bot = await start(
      noting(contexts, async ({ github: { token, apiUrl } }) => {
        const open = {
          baseUrl: apiUrl,
          token,
          userAgent: "t",
          timer: systemTimer,
          clock: wallClock,
        };
        await createCodeHost({ ...open, name: "ada/engine" }).repository();
        seen.push("engine");
        await createCodeHost({ ...open, name: "ada/vault" })
          .repository()
          .catch((error: unknown) => {
            seen.push(error instanceof SkeinError ? error.code : "?");
          });
      }),
    );
    const body = JSON.stringify(aPullEvent());

    expect((await sendHook({ port: bot.port, body })).status).toBe(202);
    await until(async () => (await bot.deliveries.counts()).done === 1);

    const mint = github.calls.find(({ path }) => path.endsWith("/access_tokens"));
    expect(mint?.body).toEqual({
      repositories: ["engine"],
      permissions: {
        metadata: "read",
        contents: "read",
        issues: "write",
        pull_requests: "write",
        checks: "write",
      },
    });
    expect(seen).toEqual(["engine", "SKN-5651"]);
    expect(contexts[0]).toMatchObject({
      event: { kind: "pull-request", action: "opened", repository: { fullName: "ada/engine" } },
      github: { apiUrl: github.url, serverUrl: github.webUrl },
      wishes: { mode: "auto", stage: "all" },
      isDurable: true,
      cwd: expect.stringMatching(/\/repositories\/\d+$/u),
      received: null,
    });
    expect(github.calls.at(-1)).toMatchObject({ method: "DELETE", path: "/installation/token" });
    expect(logged("delivery")).toMatchObject([
      { guid: "guid-0001", end: "done", note: "success: The rules hold. No findings." },
    ]);
  });

  test("does one work for a delivery that comes a hundred times", async () => {
    const contexts: BotContext[] = [];
    const bot = await start(noting(contexts));
    const body = JSON.stringify(aPullEvent());

    await Promise.all(Array.from({ length: 100 }, async () => sendHook({ port: bot.port, body })));
    await until(async () => (await bot.deliveries.counts()).done === 1);
    await sendHook({ port: bot.port, body });

    expect(contexts).toHaveLength(1);
    expect(await bot.deliveries.counts()).toEqual({ waiting: 0, running: 0, done: 1, dead: 0 });
  });

  test("goes on after a restart with what it had acknowledged", async () => {
    const first = await start({
      rules:
        async () =>
        async ({ signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => {
              reject(new Error("stopped"));
            });
          }),
    });
    await sendHook({ port: first.port, body: JSON.stringify(aPullEvent()) });
    await until(async () => (await first.deliveries.counts()).running === 1);
    await first.stop();
    bots = [];
    const contexts: BotContext[] = [];

    const second = await start(noting(contexts));
    await until(async () => (await second.deliveries.counts()).done === 1);

    expect(contexts).toHaveLength(1);
  }, 30_000);

  test("leaves what it did itself alone, and has handlers judge what other bots say", async () => {
    const contexts: BotContext[] = [];
    const bot = await start({
      ...noting(contexts),
      command: async () => async (context) => {
        contexts.push(context);
        return plainOutcome("success", "Done.");
      },
    });
    const own = { id: 9, login: "skein[bot]", type: "Bot" };
    const other = { id: 8, login: "dependabot[bot]", type: "Bot" };
    const comment = {
      action: "created",
      issue: { number: 1, title: "Talk", body: "", state: "open", user: own },
      comment: { id: 7, body: "/skein review", user: other },
      sender: other,
    };
    const { port } = bot;
    const send = async (guid: string, event: string, odd: object): Promise<unknown> =>
      sendHook({ port, guid, event, body: JSON.stringify(aPullEvent({ ...odd })) });

    await send("guid-own-1", "pull_request", { sender: own });
    await send("guid-bot-1", "issue_comment", comment);
    await send("guid-bot-2", "pull_request", { sender: other });
    await until(async () => (await bot.deliveries.counts()).done === 3);

    const heard = contexts.map(({ event }) => `${event.kind} ${event.sender?.login ?? ""}`);
    expect(heard.toSorted()).toEqual([
      "issue-comment dependabot[bot]",
      "pull-request dependabot[bot]",
    ]);
  });

  test("tells a failure by its code, and nothing of payloads or secrets", async () => {
    const bot = await start({
      rules: async () => async () => {
        throw new SkeinError(hostingErrors.denied);
      },
    });
    const body = JSON.stringify(aPullEvent({ note: "words-of-a-stranger" }));

    await sendHook({ port: bot.port, body });
    await until(async () => (await bot.deliveries.counts()).dead === 1);

    expect(logged("delivery")).toMatchObject([{ end: "dead", code: "SKN-3651" }]);
    const all = lines.join("\n");
    expect(all).not.toContain("words-of-a-stranger");
    expect(all).not.toContain(secret);
    expect(all).not.toContain("ghs_");
  });

  test("finds what was never delivered: heads, issues and comments", async () => {
    const contexts: BotContext[] = [];
    const note: HandlerTable["plan"] = async () => async (context) => {
      contexts.push(context);
      return plainOutcome("success", "Done.");
    };
    const bot = await start({ review: note, plan: note, command: note });
    await sendHook({ port: bot.port, body: JSON.stringify(aPullEvent()) });
    await until(async () => (await bot.deliveries.counts()).done === 1);
    contexts.length = 0;
    await github.commit("ada/engine", { branch: "topic", files: { "src/a.ts": "1\n" } });
    const pull = await github.openPull("ada/engine", { title: "A", author: "tim", head: "topic" });
    const issue = github.openIssue("ada/engine", { title: "B", author: "tim" });
    github.comment("ada/engine", issue.number, { author: "ada", body: "/skein plan" });

    await bot.reconcile();
    await until(async () => (await bot.deliveries.counts()).done === 5);
    await bot.reconcile();

    expect(contexts.map(({ event }) => event.kind).toSorted()).toEqual([
      "issue",
      "issue-comment",
      "pull-request",
    ]);
    expect(contexts.find(({ event }) => event.kind === "pull-request")?.event).toMatchObject({
      action: "synchronize",
      pull: { number: pull.number },
      sender: { login: "tim" },
    });
    expect(await bot.deliveries.counts()).toEqual({ waiting: 0, running: 0, done: 5, dead: 0 });
  });

  test.each([
    [["short"], "SKN-2692"],
    [[], "SKN-1691"],
    [[secret, secret, secret], "SKN-1691"],
  ])("does not start with the secrets %j", async (webhookSecrets, code) => {
    await expect(start({}, { webhookSecrets })).rejects.toMatchObject({ code });
  });

  test("does not start with a provider to trust that has no fingerprint", async () => {
    const env = { SKEIN_TRUSTED_PROVIDERS: "router" };

    await expect(start({}, { env })).rejects.toMatchObject({ code: "SKN-2005" });
  });

  test("says that a port is in use", async () => {
    const { port } = await start({});

    await expect(start({}, { port, dataDir: join(dataDir, "other") })).rejects.toMatchObject({
      code: "SKN-7691",
    });
  });
});

test("without Probot one line says what to install", async () => {
  vi.doMock("probot", () => {
    throw new Error("Cannot find package 'probot'");
  });
  onTestFinished(() => {
    vi.doUnmock("probot");
  });

  await expect(
    openProbot({
      appId,
      privateKey: key,
      secret,
      apiUrl: github.url,
      onEvent: async () => undefined,
    }),
  ).rejects.toMatchObject({ code: "SKN-2691", fix: expect.stringContaining("npm install probot") });
});
