import { afterAll, afterEach, describe, expect, test } from "vitest";
import { createCodeHost } from "../../src/adapters/github/index.ts";
import { wallClock } from "../../src/adapters/process/clock.ts";
import { systemTimer } from "../../src/adapters/process/timer.ts";
import { openDecomposition } from "../../src/compose-github.ts";
import { openProject } from "../../src/compose.ts";
import type { Decomposition } from "../../src/core/decomposition/index.ts";
import type { CodeHost, User } from "../../src/core/hosting/index.ts";
import type { Planner } from "../../src/core/planner/index.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { aCommandLine } from "../cli/command-line.ts";
import type { CommandLine } from "../cli/command-line.ts";
import { files } from "../core/planner/builders.ts";
import { faultsOf } from "../support/cli-documents.ts";
import { edges, issueBody } from "../support/decomposition-stand.ts";
import { startGithub } from "../support/github/server.ts";
import type { Github, GithubOptions } from "../support/github/server.ts";

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) {
    await close();
  }
});
afterAll(removeRepositories);

const name = "ada/shop";
const children = 4;

/** The strict fake GitHub, a checkout of a repository on it, and Skein between them over the real adapter. */
interface Stand {
  readonly github: Github;
  readonly line: CommandLine;
  readonly env: Readonly<Record<string, string>>;
  readonly host: CodeHost;
  readonly decomposition: Decomposition;
  readonly planner: Planner;
  readonly issue: number;
  readonly wes: User;
}

async function aStand(
  options: GithubOptions & { readonly isEnterprise?: boolean } = {},
): Promise<Stand> {
  const github = await startGithub(options);
  closing.push(async () => github.close());
  const { id } = github.addUser("wes");
  github.addUser("ada");
  github.addUser("mallory");
  await github.addRepository({ fullName: name });
  github.setPermission(name, "wes", "write");
  const { app } = github.addApp("skein", { issues: "write", contents: "read", metadata: "read" });
  const token = github.installationToken(github.install(app, "ada"));
  const { number } = github.openIssue(name, {
    title: "Gross prices",
    body: issueBody,
    author: "mallory",
  });
  const baseUrl = options.isEnterprise === true ? github.enterpriseUrl : github.url;
  const env = { ...testEnv, GITHUB_API_URL: baseUrl, GH_TOKEN: token };
  const line = aCommandLine(Object.fromEntries(files.map((path) => [path, "export {};\n"])));
  line.repository.git("remote", "add", "origin", `https://git.example/${name}.git`);
  const host = hostOf(github, token, baseUrl);
  const project = await openProject({ cwd: line.repository.root, env });
  closing.push(async () => project.skein.close());
  const opened = openDecomposition(project, {
    host,
    env,
    actor: "person:wes",
    stateKey: null,
    isDurable: true,
  });
  return {
    ...opened,
    github,
    line,
    env,
    host,
    issue: number,
    wes: { id, login: "wes", kind: "person" },
  };
}

function hostOf(github: Github, token: string, baseUrl = github.url): CodeHost {
  return createCodeHost({
    name: "ada/shop",
    baseUrl,
    token,
    userAgent: "skein/test",
    timer: systemTimer,
    clock: wallClock,
    limits: { spacingMs: 0, retries: 0, secondMs: 1 },
  });
}

/** Shows a plan, and gives the hash that its comment names. */
async function propose({ decomposition, planner, host, issue }: Stand): Promise<string> {
  await decomposition.propose({
    issue,
    draft: async (source, id) =>
      planner.draft({ source, id, actor: "system", signal: new AbortController().signal }),
  });
  const comments = await host.issues.comments(issue);
  return /approve ([0-9a-f]{40})/u.exec(comments[0]?.body ?? "")?.[1] ?? "";
}

function since({ github }: Stand, from: number): number {
  return github.calls.length - from;
}

async function expectWhole({ github, host, issue }: Stand): Promise<void> {
  const below = await host.issues.children(issue);
  const numbers = below === "unsupported" ? [] : below.map(({ number }) => number);
  const all = await host.issues.list({ state: "all", labels: ["skein:task"], limit: 100 });
  const blockers = await Promise.all(numbers.map(async (number) => host.issues.blockers(number)));

  expect(all).toHaveLength(children);
  expect(numbers).toHaveLength(children);
  expect(blockers.flat()).toHaveLength(edges);
  expect(await host.issues.comments(issue)).toHaveLength(1);
  expect(github.violations).toEqual([]);
}

describe("an issue on GitHub", () => {
  test("becomes children within the promised number of requests, and stays in step over the command line", async () => {
    const stand = await aStand();
    const { github, decomposition, issue, wes, line, env } = stand;
    const hash = await propose(stand);
    const before = github.calls.length;

    expect(await decomposition.approve({ issue, hash, by: wes })).toMatchObject({
      kind: "created",
    });
    expect(since(stand, before)).toBeLessThanOrEqual(2 * children + edges + 5);
    await expectWhole(stand);

    const quiet = github.calls.length;
    expect(await decomposition.sync({ issue })).toMatchObject({ kind: "synced", acts: [] });
    expect(since(stand, quiet)).toBeLessThanOrEqual(3);

    expect(await decomposition.parents()).toEqual([issue]);
    const [first = 0, second = 0] = await numbersOf(stand);
    const closed = { state: { isOpen: false, closedAs: "completed" } } as const;
    await hostOf(github, github.userToken("wes")).issues.update(first, closed);
    const outcome = await line.skein("github sync --json", { env });
    expect(JSON.parse(outcome.out)).toMatchObject({
      repository: name,
      issues: [{ issue, result: "synced", done: 1, total: 4 }],
    });
    expect(faultsOf("github sync", JSON.parse(outcome.out))).toEqual([]);
    await line.skein(`task cancel gh-${String(issue)}/T2 --yes`, { env });
    const { out } = await line.skein("github sync", { env });
    expect(out).toContain(`#${String(second)}: closed as not planned`);
    expect(await stand.host.issues.get(second)).toMatchObject({
      isOpen: false,
      closedAs: "not_planned",
      closedBy: { login: "skein[bot]" },
    });
    const { tasks } = await line.json("task list");
    expect(tasks).toMatchObject([
      { status: "done" },
      { status: "canceled" },
      { status: "blocked" },
      { status: "blocked" },
    ]);
    expect(github.violations).toEqual([]);
  });

  test.each([
    ["sub-issues", { subIssues: false, dependencies: true }],
    ["sub-issues and dependencies", { subIssues: false, dependencies: false }],
  ])("is split in a task list where an Enterprise Server lacks %s", async (_what, features) => {
    const stand = await aStand({ features, enterpriseVersion: "3.16.0", isEnterprise: true });
    const { github, decomposition, host, issue, wes } = stand;
    const hash = await propose(stand);

    expect(await decomposition.approve({ issue, hash, by: wes })).toMatchObject({
      kind: "created",
    });
    const [comment, ...others] = await host.issues.comments(issue);
    const [first = 0] = await numbersOf(stand);
    expect(others).toEqual([]);
    expect(comment?.body).toContain(`- [ ] #${String(first)} `);
    expect(await decomposition.sync({ issue })).toMatchObject({ kind: "synced", acts: [] });
    expect(github.violations).toEqual([]);
  });

  const most = 2 * children + edges + 5;
  test.each(
    Array.from({ length: most }, (_, at) => at).flatMap((after) => [
      [after, "reset"] as const,
      [after, "lost-answer"] as const,
    ]),
  )(
    "is whole after the next run when request %i of its creation meets a %s",
    async (after, kind) => {
      const stand = await aStand();
      const { github, decomposition, issue, wes } = stand;
      const request = { issue, hash: await propose(stand), by: wes };
      github.faults.add({ after, kind });
      await decomposition.approve(request).catch(() => null);
      github.faults.clear();
      await decomposition.approve(request);

      await expectWhole(stand);
    },
  );
});

async function numbersOf({ host }: Stand): Promise<readonly number[]> {
  const issues = await host.issues.list({ state: "all", labels: ["skein:task"], limit: 100 });
  return issues.map(({ number }) => number).toSorted((one, other) => one - other);
}

describe("skein github sync", () => {
  test.each([
    ["without a token", {}, "SKN-2651"],
    [
      "with an address that a token may not go to",
      { GH_TOKEN: "t", GITHUB_API_URL: "http://git.example" },
      "SKN-1654",
    ],
  ])("refuses to run %s", async (_what, env, code) => {
    const line = aCommandLine();
    line.repository.git("remote", "add", "origin", "https://github.com/ada/shop.git");
    const { err, out } = await line.skein("github sync --json", { env });

    expect(out + err).toContain(code);
  });

  test("sends no token of github.com to a host that only the checkout names", async () => {
    const line = aCommandLine();
    line.repository.git("remote", "add", "origin", "https://git.evil.example/ada/shop.git");
    const { err } = await line.skein("github sync --json", { env: { GH_TOKEN: "t" } });

    expect(err).toContain("SKN-2651");
  });

  test("asks for a repository's name where no remote says one", async () => {
    const line = aCommandLine();
    const { err } = await line.skein("github sync --json", { env: { GH_TOKEN: "t" } });

    expect(err).toContain("SKN-1653");
  });
});
