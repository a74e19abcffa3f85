import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { createGit } from "../../../src/adapters/git/index.ts";
import { judgeEvent } from "../../../src/bot/handlers/rules.ts";
import { judge } from "../../../src/bot/rules/judge.ts";
import type { Judgement } from "../../../src/bot/rules/judge.ts";
import { judgedOf } from "../../../src/bot/rules/snapshot.ts";
import type { BotContext } from "../../../src/bot/context.ts";
import type { Workplace } from "../../../src/bot/workplace.ts";
import { SkeinError } from "../../../src/core/base/errors.ts";
import { hostingErrors } from "../../../src/core/hosting/index.ts";
import type { PullEnd, PullRequest } from "../../../src/core/hosting/index.ts";
import { ledgerText } from "../../../src/core/rules/index.ts";
import type { LedgerLease } from "../../../src/core/rules/index.ts";
import { loadSettings } from "../../../src/settings.ts";
import { aRepository, removeRepositories, testEnv } from "../../adapters/git/repositories.ts";
import type { TestRepository } from "../../adapters/git/repositories.ts";
import { aBoard, aPull, pullHost } from "../../support/pull-host.ts";
import type { PullBoard } from "../../support/pull-host.ts";
import { aLease, aPublication, nowMs } from "../../support/rules.ts";
import { aContext, anEvent, plainWishes } from "../contexts.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const text = Array.from({ length: 30 }, (_, at) => `line ${String(at)} of it\n`).join("");
const token = `ghp_${"a1B2c3D4e5".repeat(4).slice(0, 36)}`;

let repository: TestRepository;
let head: string;
let board: PullBoard;
let leases: readonly LedgerLease[];
let publishedAtMs: number;

beforeAll(() => {
  repository = aRepository({ "src/pay.ts": text, "src/old.ts": text, "src/gone.ts": "x\n" });
  head = repository.commitOn("work", {
    "src/pay.ts": text.replace("line 9 of it", "line nine of it"),
    "src/old.ts": null,
    "src/new.ts": text.replace("line 4 of it", "line four of it"),
    "src/gone.ts": null,
    "src/key.ts": `// a key\nexport const key = "${token}";\n`,
  });
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: nowMs });
  leases = [];
  publishedAtMs = nowMs - 2 * minuteMs;
  const base: PullEnd = {
    branch: "main",
    sha: repository.git("rev-parse", "main"),
    repository: "acme/shop",
  };
  const pull = aPull({ base, head: { branch: "work", sha: head, repository: "acme/shop" } });
  board = aBoard({ pull });
});

afterEach(() => {
  vi.useRealTimers();
});

afterAll(removeRepositories);

const onlyLeases = "rules: { require: [{ leases: }] }\n";

async function placeWith(settingsText: string): Promise<Workplace> {
  const { settings } = await loadSettings({ root: "/", env: {}, text: settingsText });
  const host = pullHost(board);
  const published = ledgerText({
    source: "published",
    publications: [aPublication({ publishedAtMs, leases })],
  });
  const files = {
    ...host.files,
    resolve: async () => Promise.resolve("d".repeat(40)),
    read: async () => Promise.resolve(published),
  };
  return { host: { ...host, files }, settings, settingsText, sign: null };
}

function context(odd: Partial<BotContext> = {}): BotContext {
  const git = createGit({ cwd: repository.root, env: testEnv });
  return aContext({ git, event: anEvent("pull_request", "opened"), ...odd });
}

async function judged(settings = onlyLeases): Promise<Judgement> {
  return judge(context(), await placeWith(settings), judgedOf(board.pull));
}

describe("the check of the rules", () => {
  test("marks each held file at the first line that the change touches, failures first", async () => {
    leases = [
      aLease("src/old.ts", { mode: "shared", name: "ada" }),
      aLease("src/pay.ts", { id: "L2" }),
      aLease("src/gone.ts", { id: "L3" }),
    ];

    const { annotations } = await judged();

    expect(annotations).toEqual(board.checks.at(-1)?.annotations);
    expect(annotations).toMatchObject([
      {
        path: "src/pay.ts",
        line: 10,
        endLine: 10,
        level: "failure",
        title: "skein/rules: leases",
        message: expect.stringMatching(/^src\/pay\.ts is held by grace \(s1\).* Ask grace/u),
      },
      {
        path: "src/new.ts",
        line: 5,
        level: "warning",
        message: expect.stringMatching(/^src\/old\.ts is held by ada/u),
      },
    ]);
  });

  test("marks the very line of a secret, and not the secret", async () => {
    const { annotations } = await judged("rules: { require: [{ secrets: }] }\n");

    expect(annotations).toMatchObject([{ path: "src/key.ts", line: 2, level: "failure" }]);
    expect(JSON.stringify(annotations)).not.toContain(token);
  });

  test("marks nothing for what another rule of an `or` made good, and advice as a warning", async () => {
    const either = "[{ secrets: }, { size: { max_lines: 900 } }]";
    const good = await judged(`rules: { require: [{ or: ${either} }] }\n`);
    const advice = await judged("rules: { require: [{ secrets: , advisory: true }] }\n");

    expect(good.annotations).toEqual([]);
    expect(advice.annotations).toMatchObject([{ line: 2, level: "warning" }]);
  });

  test("lets no words of a session come alive on a line", async () => {
    leases = [aLease("src/pay.ts", { reason: "@org/team <!-- x --> https://evil.example #12" })];

    const [marked] = (await judged()).annotations;

    const bare = (marked?.message ?? "").replaceAll(/`[^`]*`/gu, "");
    expect(bare).toContain("is held by grace");
    expect(bare).not.toMatch(/@org|<!--|https:|#12/u);
  });
});

describe("a check of the rules that stands", () => {
  test("is written again when only a warning has changed", async () => {
    await judged();
    leases = [aLease("src/pay.ts", { mode: "shared" })];
    await judged();
    await judged();
    leases = [aLease("src/pay.ts", { mode: "shared", name: "ada" })];
    await judged();

    expect(board.checks.map(({ conclusion }) => conclusion)).toEqual([
      "success",
      "success",
      "success",
    ]);
    expect(board.checks.at(-1)?.summary).toContain("held by ada");
  });

  test("is not written again since minutes have passed, nor for news that say the same", async () => {
    leases = [aLease("src/pay.ts", { untilMs: null })];
    for (const minutes of [0, 1, 7, 40, 57]) {
      vi.setSystemTime(nowMs + minutes * minuteMs);
      await judged();
    }
    publishedAtMs = nowMs + 56 * minuteMs;
    await judged();

    expect(board.checks).toHaveLength(1);
  });

  test("is not written again at each renewal of a lease, and is when the lease has ended", async () => {
    for (const minutes of [0, 10, 20]) {
      vi.setSystemTime(nowMs + minutes * minuteMs);
      const untilMs = nowMs + (30 + minutes) * minuteMs;
      leases = [
        aLease("src/pay.ts", { untilMs }),
        aLease("src/new.ts", { id: "L2", mode: "shared", untilMs }),
      ];
      await judged();
    }
    const renewed = board.checks.length;
    vi.setSystemTime(nowMs + 51 * minuteMs);
    await judged();

    expect(renewed).toBe(1);
    expect(board.checks.map(({ conclusion }) => conclusion)).toEqual(["failure", "success"]);
  });

  test("is written again when its ledger is of hours ago, of days ago, and too old to count", async () => {
    leases = [aLease("src/pay.ts", { untilMs: null })];
    const rules = "rules: { require: [{ leases: { max_age_hours: 72 } }] }\n";
    for (const hours of [0, 2, 2.5, 20, 30, 60, 80, 81]) {
      vi.setSystemTime(nowMs + hours * hourMs);
      await judged(rules);
    }

    expect(board.checks.map(({ conclusion }) => conclusion)).toEqual([
      "failure",
      "failure",
      "failure",
      "success",
    ]);
  });
});

/** Others of the same head, into a branch for which the rule is not. */
function besides(count: number): readonly PullRequest[] {
  const { pull } = board;
  const base = { ...pull.base, branch: "side" };
  return Array.from({ length: count }, (_, at) => ({ ...pull, number: 40 + at, base }));
}

describe("a head of several pull requests", () => {
  const settings = `rules:\n  require:\n    - branch_name: { patterns: ["feature/*"] }\n      targets: [main]\n`;

  async function placeOf(pulls: readonly PullRequest[]): Promise<Workplace> {
    const place = await placeWith(settings);
    const open = async (): Promise<readonly PullRequest[]> => Promise.resolve(pulls);
    return { ...place, host: { ...place.host, pulls: { ...place.host.pulls, open } } };
  }

  test("stays red where one failed and there are more than are looked at", async () => {
    const sides = besides(6);
    const place = await placeOf([...sides, board.pull]);

    for (const pull of [board.pull, ...sides]) {
      await judge(context(), place, judgedOf(pull));
    }

    expect(board.checks).toMatchObject([
      { conclusion: "failure" },
      { conclusion: "failure", title: "More than 6 pull requests have this head" },
    ]);
  });

  test("is not made green by a job that began before another one failed it", async () => {
    const [side = board.pull] = besides(1);
    const place = await placeOf([side, board.pull]);
    await judge(context(), place, judgedOf(board.pull));
    const failed = board.checks;
    board.checks = [];
    board.onCall = (number) => {
      const isOver = board.calls[number - 1] === "checks.report" && board.checks.length === 0;
      board.checks.push(...(isOver ? failed : []));
    };

    await judge(context(), place, judgedOf(side));

    expect(board.checks.map(({ conclusion }) => conclusion)).toEqual([
      "failure",
      "success",
      "failure",
    ]);
  });
});

describe("a head of pull requests of forks", () => {
  const settings = `rules:\n  require:\n    - branch_name: { patterns: ["feature/*"] }\n      targets: [main]\n`;

  test.each([
    ["that is not shown yet", 1],
    ["that many have", 6],
  ])("is not green since one of it passes, where another fails %s", async (_, count) => {
    board.pull = { ...board.pull, isFork: true };
    const sides = besides(count);
    const place = await placeWith(settings);
    const open = async (): Promise<readonly PullRequest[]> =>
      Promise.resolve([...sides, board.pull]);
    const { host } = place;
    const all = { ...host, pulls: { ...host.pulls, open } };
    const unable = { ...all, checks: { ...all.checks, report: denied } };
    await judge(context(), { ...place, host: unable }, judgedOf(board.pull));

    await judge(context(), { ...place, host: all }, judgedOf(sides[0] ?? board.pull));

    expect(board.checks.map(({ conclusion }) => conclusion)).toEqual(["failure"]);
  });
});

describe("a check of another pull request that is not ended", () => {
  const settings = `rules:\n  require:\n    - branch_name: { patterns: ["feature/*"] }\n      targets: [main]\n`;

  test.each([
    ["while its lines are being written, or since it was asked for anew", null],
    ["since it was given up", "cancelled" as const],
  ])("is not hidden by a green one %s", async (_, conclusion) => {
    const [side = board.pull] = besides(1);
    const place = await placeWith(settings);
    const open = async (): Promise<readonly PullRequest[]> => Promise.resolve([side, board.pull]);
    const both = { ...place, host: { ...place.host, pulls: { ...place.host.pulls, open } } };
    await judge(context(), both, judgedOf(board.pull));
    board.checks = board.checks.map((check) => ({ ...check, conclusion }));

    await judge(context(), both, judgedOf(side));

    expect(board.checks.at(-1)?.conclusion).toBe("failure");
  });
});

describe("a sweep over pull requests of one head", () => {
  /** None of them holds it, and each says so in words of its own base. */
  const settings = `rules:
  require:
    - branch_name: { patterns: ["feature/*"] }
      targets: [main]
    - branch_name: { patterns: ["fix/*"] }
      targets: [side]
`;
  const onlyMain = settings.split("\n").slice(0, 4).join("\n");
  const sweep = { event: anEvent("schedule", null) };

  async function swept(rules: string, pulls: readonly PullRequest[]): Promise<void> {
    const place = await placeWith(rules);
    const open = async (): Promise<readonly PullRequest[]> => Promise.resolve(pulls);
    const host = { ...place.host, pulls: { ...place.host.pulls, open } };
    await judgeEvent(context(sweep), { ...place, host });
  }

  test.each([
    ["that all fail", settings, 2, ["failure"]],
    ["of which one fails", onlyMain, 2, ["failure"]],
    ["that all hold the rules", `${onlyMain}\n      advisory: true`, 2, ["success"]],
    ["of which more fail than are judged together", settings, 7, ["failure"]],
  ])("writes one check of those %s, and none where nothing changed", async (...given) => {
    const [, rules, count, conclusions] = given;
    const pulls = [board.pull, ...besides(count)];

    await swept(rules, pulls);
    await swept(rules, pulls.toReversed());
    await swept(rules, pulls);

    expect(board.checks.map(({ conclusion }) => conclusion)).toEqual(conclusions);
  });

  test("writes it anew once the one that it speaks of is closed", async () => {
    const [side = board.pull] = besides(1);
    await swept(settings, [board.pull, side]);

    await swept(settings, [side]);
    await swept(settings, [side]);

    expect(board.checks).toHaveLength(2);
    expect(board.checks.at(-1)?.summary).toContain("fix/");
  });

  test("finds one that fails among many that do not", async () => {
    await swept(onlyMain, [...besides(7), { ...board.pull, number: 99 }]);

    expect(board.checks).toMatchObject([
      { conclusion: "failure", title: "More than 6 pull requests have this head" },
    ]);
  });

  test("asks the host no more than a look at each of them did", async () => {
    const pulls = [board.pull, ...besides(2)];
    await swept(settings, pulls);
    board.calls = [];

    await swept(settings, pulls);

    expect(board.calls.filter((call) => call.startsWith("checks."))).toEqual(["checks.list"]);
  });
});

describe("judgeEvent", () => {
  test("leaves the lines to the check, so that none is marked twice", async () => {
    leases = [aLease("src/pay.ts")];

    const outcome = await judgeEvent(context(), await placeWith(onlyLeases));

    expect(outcome.annotations).toMatchObject([{ level: "error", startLine: 10, isShown: true }]);
  });

  test.each([
    ["in a dry run", { wishes: { ...plainWishes, isDryRun: true } }, false],
    [
      "for a comment, whose run is of the default branch",
      { event: anEvent("issue_comment", "created") },
      true,
    ],
  ])("says whether the run marks the lines %s", async (_, odd, isShown) => {
    leases = [aLease("src/pay.ts")];

    const outcome = await judgeEvent(context(odd), await placeWith(onlyLeases));

    expect(outcome.annotations).toMatchObject([{ isShown }]);
  });

  test("marks the lines itself where the token of a fork writes no check", async () => {
    board.pull = { ...board.pull, isFork: true };
    leases = [aLease("src/pay.ts")];
    const place = await placeWith(onlyLeases);
    const host = { ...place.host, checks: { ...place.host.checks, report: denied } };

    const outcome = await judgeEvent(context(), { ...place, host });

    expect(outcome.annotations).toMatchObject([{ level: "error", isShown: false }]);
  });
});

async function denied(): Promise<never> {
  return Promise.reject(new SkeinError(hostingErrors.denied, { facts: { status: 403 } }));
}
