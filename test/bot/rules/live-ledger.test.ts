import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createGit, publishLedger } from "../../../src/adapters/git/index.ts";
import type { BotContext } from "../../../src/bot/context.ts";
import { readSnapshot } from "../../../src/bot/rules/snapshot.ts";
import type { Workplace } from "../../../src/bot/workplace.ts";
import { evaluate, known } from "../../../src/core/rules/index.ts";
import type { RulesResult, Snapshot } from "../../../src/core/rules/index.ts";
import { shop } from "../../support/action-stand.ts";
import { botPlace } from "../../support/bot-place.ts";
import { plainEnv } from "../../support/coordinated-repository.ts";
import { startGithub } from "../../support/github/server.ts";
import type { Github } from "../../support/github/server.ts";
import { createHttpStand } from "../../support/http-stand.ts";
import type { HttpStand } from "../../support/http-stand.ts";
import { aLoopbackServer } from "../../support/loopback-server.ts";
import {
  aCommit,
  aFile,
  aLease,
  aPolicy,
  aPublication,
  aRule,
  aSnapshot,
  dayMs,
  marked,
} from "../../support/rules.ts";
import { aContext, baseSha, headSha, plainWishes } from "../contexts.ts";

let github: Github;
let stand: HttpStand;
let place: Workplace;

beforeAll(async () => {
  github = await startGithub();
  github.addUser("grace");
  await github.addRepository({ fullName: shop });
  github.setPermission(shop, "grace", "write");
  await github.commit(shop, { branch: "main", files: { "src/pay.ts": "1\n" } });
});

afterAll(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
});

beforeEach(async () => {
  stand = await createHttpStand();
  place = await botPlace(github, null);
});

afterEach(async () => {
  await stand.close();
});

describe("rules with `skein-url`", () => {
  test("fail for what a session of the server holds exclusively, and say who, until when, and that it is live", async () => {
    await claim("exclusive", "mending the sum");

    const [row] = (await judged(stand.url, stand.token)).rows;

    expect(row).toMatchObject({ result: "fail" });
    expect(row?.reason).toMatch(
      /src\/pay\.ts is held by .*mending the sum.* until .* live ledger/u,
    );
    expect(row?.fix).toMatch(/hand over or release/u);
    expect(row?.fix).not.toContain("github publish");
  });

  test("warn of what is shared", async () => {
    await claim("shared", "reading along");

    const [row] = (await judged(stand.url, stand.token)).rows;

    expect(row).toMatchObject({ result: "pass" });
    expect(row?.warnings.join()).toMatch(/Shared: .*reading along/u);
  });

  test("let a lease go in the moment in which it is released", async () => {
    await claim("exclusive", "for a moment");
    await stand.call("release_files", { paths: ["src/pay.ts"] });

    const [row] = (await judged(stand.url, stand.token)).rows;

    expect(row).toMatchObject({ result: "pass", warnings: [] });
    expect(row?.reason).toContain("live ledger");
  });

  test("know the holder's own commits by the claim that they name", async () => {
    await stand.repository.plan(
      "plan: prices\ntasks:\n  - { id: T1, title: Pay, files: [src/pay.ts] }\n",
    );
    const claimed = await stand.call("next_task", { name: "ada" });
    const message = marked("prices/T1", Number(claimed.body["fence"]));

    const own = await judged(stand.url, stand.token, message);
    const foreign = await judged(stand.url, stand.token);

    expect(own.conclusion).toBe("pass");
    expect(foreign.conclusion).toBe("fail");
  });

  test("tell on no words that look like a secret", async () => {
    const secret = `ghp_${"a1B2c3D4e5".repeat(4).slice(0, 36)}`;
    await claim("exclusive", `with ${secret}`);

    const [row] = (await judged(stand.url, stand.token)).rows;

    expect(row?.reason).toContain("src/pay.ts is held by");
    expect(row?.reason).not.toContain(secret);
  });
});

describe("rules whose server does not answer", () => {
  test.each([
    ["is away", async () => ["http://127.0.0.1:9", stand.token] as const, "SKN-7921"],
    ["refuses the token", async () => [stand.url, "a-token-of-nobody"] as const, "SKN-3"],
    ["is asked without a token", async () => [stand.url, ""] as const, "SKN-2921"],
  ])("are skipped when it %s and no ledger is published, and say both", async (_, at, code) => {
    const [url, token] = await at();

    const [row] = (await judged(url, token)).rows;

    expect(row).toMatchObject({ result: "skipped" });
    expect(row?.reason).toContain(code);
    expect(row?.reason).toContain("No ledger of leases is published here.");
  });

  test("are not led elsewhere by it, and take no answer for a ledger that is none", async () => {
    const thief = await aLoopbackServer((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
    const liar = await aLoopbackServer((_request, response) => {
      response.writeHead(302, { location: `${thief.url}/api/v1/ledger` }).end();
    });
    try {
      const [led] = (await judged(liar.url, stand.token)).rows;
      const untouched = thief.seen.length;
      const [lied] = (await judged(thief.url, stand.token)).rows;

      expect(led?.reason).toContain("SKN-2922");
      expect(untouched).toBe(0);
      expect(lied).toMatchObject({ result: "skipped" });
    } finally {
      await liar.close();
      await thief.close();
    }
  });

  test("go by the published ledger, with a warning", async () => {
    await publish();

    const [row] = (await judged("http://127.0.0.1:9", stand.token)).rows;

    expect(row).toMatchObject({ result: "fail" });
    expect(row?.reason).toMatch(/held by grace.*ledger published .* ago, advisory/u);
    expect(row?.warnings.join()).toMatch(/did not tell its leases \(SKN-7921\)/u);
  });

  test("are not told by the published ledger what the server knows better", async () => {
    const [row] = (await judged(stand.url, stand.token)).rows;

    expect(row).toMatchObject({ result: "pass", warnings: [] });
  });

  test("wait for it once in a run", async () => {
    const server = await aLoopbackServer((_request, response) => {
      response.writeHead(404).end();
    });
    try {
      const context = contextOf(server.url, stand.token);
      await snapshotOf(context);
      await snapshotOf(context);

      expect(server.seen).toHaveLength(1);
    } finally {
      await server.close();
    }
  });
});

async function claim(mode: "exclusive" | "shared", reason: string): Promise<void> {
  const { status } = await stand.call("claim_files", { paths: ["src/pay.ts"], mode, reason });
  expect(status).toBe(200);
}

function contextOf(serverUrl: string, token: string): BotContext {
  return aContext({ wishes: { ...plainWishes, serverUrl }, env: { SKEIN_TOKEN: token } });
}

async function snapshotOf(context: BotContext): Promise<Snapshot> {
  return readSnapshot(context, place, {
    base: { ref: "main", sha: baseSha },
    head: { ref: "work", sha: headSha, isFork: false },
    pull: null,
  });
}

/** What the rule of leases says of a change of one file, by what the server at an address tells. */
async function judged(url: string, token: string, message = "Change it\n"): Promise<RulesResult> {
  const { ledger, nowMs } = await snapshotOf(contextOf(url, token));
  return evaluate(
    aPolicy([aRule({ kind: "leases", maxAgeMs: dayMs })]),
    aSnapshot({
      ledger,
      nowMs,
      files: known([aFile("src/pay.ts")]),
      commits: known([aCommit({ message, paths: ["src/pay.ts"] })]),
    }),
  );
}

/** Publishes that grace holds the file, as her clone would. */
async function publish(): Promise<void> {
  const { repository } = stand;
  const { root } = repository;
  const address = github.gitUrlOf(shop, github.userToken("grace"));
  repository.git(root, "remote", "add", "github", address);
  const nowMs = Date.now();
  const leases = [aLease("src/pay.ts", { untilMs: nowMs + 600_000 })];
  await publishLedger(
    createGit({ cwd: root, env: plainEnv }),
    "github",
    aPublication({ publishedAtMs: nowMs, leases }),
  );
}
