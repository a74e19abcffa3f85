import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { payloadOf, runStep, shop } from "../support/action-stand.ts";
import type { StepEnd } from "../support/action-stand.ts";
import { plainEnv } from "../support/coordinated-repository.ts";
import { startGithub } from "../support/github/server.ts";
import type { Github } from "../support/github/server.ts";
import { createHttpStand } from "../support/http-stand.ts";
import { skeinBin } from "../support/mcp-process.ts";

// Never waits for a program in place: the host that it talks to lives in this process.
const run = promisify(execFile);

let github: Github;
let laptop: string;

beforeEach(async () => {
  github = await startGithub();
  github.addUser("grace");
  await github.addRepository({ fullName: shop });
  github.setPermission(shop, "grace", "write");
  await github.commit(shop, {
    branch: "main",
    files: { "src/pay.ts": "1\n", "src/vat.ts": "1\n" },
  });
  laptop = mkdtempSync(join(tmpdir(), "skein-laptop-"));
  const token = github.userToken("grace");
  await run("git", ["clone", "-q", github.gitUrlOf(shop, token), laptop], { env: plainEnv });
});

afterEach(async () => {
  expect(github.violations).toEqual([]);
  await github.close();
});

describe("skein/rules", () => {
  test("fails for a file that a session elsewhere holds, and passes after it was handed over, without a push", async () => {
    await github.commit(shop, { branch: "feature/pay", files: { "src/pay.ts": "2\n" } });
    const draft = { title: "Pay", author: "grace", head: "feature/pay" };
    const { number } = await github.openPull(shop, draft);
    await skein(["lease", "take", "src/pay.ts", "--reason", "mending the sum"]);
    await skein(["github", "publish"]);

    const held = await judged(number);
    await skein(["lease", "release"]);
    await skein(["github", "publish"]);
    const free = await judged(number);

    expect(held.outputs).toMatchObject({ conclusion: "failure" });
    expect(held.summary).toContain("mending the sum");
    expect(held.summary).toMatch(/published \d+ seconds? ago/u);
    expect(free.outputs).toMatchObject({ conclusion: "success" });
    expect(checkConclusions()).toEqual(["failure", "success"]);
    const [first, last] = [...github.repository(shop).runs.values()];
    expect(first?.annotations).toMatchObject([
      {
        path: "src/pay.ts",
        start_line: 1,
        annotation_level: "failure",
        title: "skein/rules: leases",
        message: expect.stringContaining("mending the sum"),
      },
    ]);
    expect(last?.annotations).toEqual([]);
    expect(held.log).not.toMatch(/^::error .*file=/mu);
  });

  test("is made without a key to a model, too, beside a neutral review that says what is missing", async () => {
    await github.commit(shop, { branch: "feature/pay", files: { "src/pay.ts": "2\n" } });
    const draft = { title: "Pay", author: "grace", head: "feature/pay" };
    const { number } = await github.openPull(shop, draft);
    const payload = await payloadOf(github, "grace", { action: "opened", pull: number });

    const auto = await runStep({ github, event: "pull_request", payload });
    const byMode = await runStep({
      github,
      event: "pull_request",
      payload,
      inputs: { mode: "rules" },
    });

    const checks = [...github.repository(shop).runs.values()];
    expect([auto.code, byMode.code]).toEqual([1, 0]);
    expect(auto.log).toContain("SKN-2753");
    expect(checks.map(({ name, conclusion }) => [name, conclusion])).toEqual([
      ["skein/rules", "success"],
      ["skein/review", "neutral"],
    ]);
    expect(JSON.stringify(checks[1])).toContain("SKN-2753");
  });

  test("marks the lines itself where the token of a fork's event writes no check", async () => {
    github.addUser("mallory");
    await github.addRepository({ fullName: "mallory/shop", forkOf: shop });
    await github.commit("mallory/shop", { branch: "gift", files: { "src/pay.ts": "2\n" } });
    const draft = { title: "A gift", author: "mallory", head: "mallory:gift" };
    const { number } = await github.openPull(shop, draft);
    await skein(["lease", "take", "src/pay.ts", "--reason", "mending the sum"]);
    await skein(["github", "publish"]);
    const rights = {
      contents: "read",
      issues: "read",
      pull_requests: "read",
      checks: "read",
    } as const;

    const step = await runStep({
      github,
      event: "pull_request",
      payload: await payloadOf(github, "mallory", { action: "opened", pull: number }),
      inputs: { mode: "rules" },
      token: github.jobToken(shop, rights),
    });

    expect(step.log).toMatch(
      /^::error title=skein\/rules%3A leases,file=src\/pay\.ts,line=1,endLine=1::src\/pay\.ts is held by/mu,
    );
    expect(step.outputs).toMatchObject({ conclusion: "failure" });
    expect(checkConclusions()).toEqual([]);
  });

  test("goes by the leases of a server while it answers, and by what is published when it does not", async () => {
    await github.commit(shop, { branch: "feature/pay", files: { "src/pay.ts": "2\n" } });
    const draft = { title: "Pay", author: "grace", head: "feature/pay" };
    const { number } = await github.openPull(shop, draft);
    const stand = await createHttpStand();
    const inputs = { "skein-url": stand.url, "skein-token": stand.token };
    await stand.call("claim_files", { paths: ["src/pay.ts"], reason: "mending the sum" });

    const held = await judged(number, inputs);
    await stand.call("release_files", { paths: ["src/pay.ts"] });
    const free = await judged(number, inputs);
    await stand.close();
    await skein(["lease", "take", "src/pay.ts"]);
    await skein(["github", "publish"]);
    const away = await judged(number, inputs);

    expect(held.outputs).toMatchObject({ conclusion: "failure" });
    expect(held.summary).toMatch(/mending the sum.*live ledger/u);
    expect(free.outputs).toMatchObject({ conclusion: "success" });
    expect(away.outputs).toMatchObject({ conclusion: "failure" });
    expect(away.summary).toMatch(/SKN-7921/u);
    expect(checkConclusions()).toEqual(["failure", "success", "failure"]);
    for (const { log, summary } of [held, free, away]) {
      expect(log).toContain(`::add-mask::${stand.token}`);
      expect(`${log}${summary}`.split(stand.token)).toHaveLength(2);
    }
  });

  test("goes by the default branch, whatever the pull request brings", async () => {
    await github.commit(shop, {
      branch: "main",
      files: { ".github/skein.yml": rules("feature/*") },
    });
    await github.commit(shop, {
      branch: "wild",
      files: { ".github/skein.yml": rules("**"), "src/pay.ts": "2\n" },
    });
    const draft = { title: "Wild", author: "grace", head: "wild" };
    const { number } = await github.openPull(shop, draft);

    const step = await judged(number);

    expect(step.outputs).toMatchObject({ conclusion: "failure" });
    expect(step.summary).toContain("branch_name");
  });

  test("goes by the settings in the root where there are two, as the command line does", async () => {
    await github.commit(shop, {
      branch: "main",
      files: { "skein.yml": rules("feature/*"), ".github/skein.yml": rules("**") },
    });
    await github.commit(shop, { branch: "wild", files: { "src/pay.ts": "2\n" } });
    const { number } = await github.openPull(shop, { title: "W", author: "grace", head: "wild" });

    expect((await judged(number)).outputs).toMatchObject({ conclusion: "failure" });
  });

  test("says in the check of a merge queue, which would wait for it, that the settings cannot be used", async () => {
    const settings = "rules: { require: [{ size: { max_lines: '${PAYROLL}' } }] }\n";
    const base = await github.commit(shop, { branch: "main", files: { "skein.yml": settings } });
    const branch = "gh-readonly-queue/main/pr-7-c0ffee";
    const head = await github.commit(shop, { branch, files: { "src/pay.ts": "2\n" } });
    const merge_group = {
      head_sha: head,
      head_ref: `refs/heads/${branch}`,
      base_sha: base,
      base_ref: "refs/heads/main",
    };
    const action = "checks_requested";
    const payload = { ...(await payloadOf(github, "grace", { action })), merge_group };
    const env = { PAYROLL: "pa4roll9of7the3job" };
    const rights = { contents: "read", checks: "read" } as const;

    const step = await runStep({ github, event: "merge_group", payload, env });
    const denied = await runStep({
      github,
      event: "merge_group",
      payload,
      env,
      token: github.jobToken(shop, rights),
    });

    const checks = [...github.repository(shop).runs.values()];
    expect(checks).toMatchObject([
      {
        name: "skein/rules",
        headSha: head,
        conclusion: "failure",
        title: "The settings cannot be used",
      },
    ]);
    expect(JSON.stringify(checks)).toContain("SKN-2004");
    expect(JSON.stringify(checks)).not.toContain("pa4roll");
    for (const { code, log } of [step, denied]) {
      expect(code).toBe(1);
      expect(log).toMatch(/^::error title=SKN-2004::/mu);
    }
  });

  test("is not made green by another pull request of the same head, for which a rule is not", async () => {
    const settings = `rules:\n  require:\n    - branch_name: { patterns: ["feature/*"] }\n      targets: [main]\n`;
    await github.commit(shop, { branch: "main", files: { "skein.yml": settings } });
    await github.commit(shop, { branch: "side", files: { "src/vat.ts": "2\n" } });
    await github.commit(shop, { branch: "wild", files: { "src/pay.ts": "2\n" } });
    const draft = { title: "Wild", author: "grace", head: "wild" };
    const main = await github.openPull(shop, draft);
    const side = await github.openPull(shop, { ...draft, base: "side" });

    const ends = [await judged(main.number), await judged(side.number)];
    const again = await judged(side.number);
    const shown = checkConclusions();
    const mended = settings.replace("feature/*", "**");
    await github.commit(shop, { branch: "main", files: { "skein.yml": mended } });
    await judged(side.number);

    expect(ends.map(({ outputs }) => outputs["conclusion"])).toEqual(["failure", "success"]);
    expect(again.log).toContain(`#${String(main.number)} has this head, too`);
    expect(shown).toEqual(["failure"]);
    expect(checkConclusions()).toEqual(["failure", "success"]);
  });

  test("judges all open pull requests in the sweep, and repeats no check that says the same", async () => {
    await github.commit(shop, { branch: "one", files: { "src/pay.ts": "2\n" } });
    await github.openPull(shop, { title: "One", author: "grace", head: "one" });
    const payload = {
      ...(await payloadOf(github, "grace", { action: "x" })),
      schedule: "0 * * * *",
    };
    const sweep = async (): Promise<StepEnd> =>
      runStep({ github, event: "schedule", payload, inputs: { mode: "rules" } });

    await sweep();
    await sweep();

    expect(checkConclusions()).toEqual(["success"]);
  });
});

/** Settings whose branches must be named so. */
function rules(pattern: string): string {
  return `rules:\n  require:\n    - branch_name: { patterns: ["${pattern}"] }\n`;
}

async function judged(
  pull: number,
  inputs: Readonly<Record<string, string>> = {},
): Promise<StepEnd> {
  const payload = await payloadOf(github, "grace", { action: "labeled", pull });
  return runStep({
    github,
    event: "pull_request",
    payload,
    inputs: { mode: "rules", ...inputs },
  });
}

async function skein(args: readonly string[]): Promise<void> {
  await run(process.execPath, [skeinBin, ...args], { cwd: laptop, env: plainEnv });
}

function checkConclusions(): readonly unknown[] {
  return github.calls
    .filter(({ method, path }) => method === "POST" && path.endsWith("/check-runs"))
    .flatMap(({ answer }) =>
      typeof answer === "object" && answer !== null && "conclusion" in answer
        ? [answer["conclusion"]]
        : [],
    );
}
