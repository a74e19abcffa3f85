import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { loadSettings, overrideNames, parseChecks, variableOf } from "../src/settings.ts";
import type { LoadedSettings, SettingsRequest } from "../src/settings.ts";
import { publishedSettingsSchema } from "../src/settings/schema.ts";

let root = "";

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "skein-settings-"));
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

/** What the settings say of models when nobody configured any. */
const noModels = {
  providers: new Map(),
  models: new Map(),
  review: {
    preset: null,
    seats: null,
    panel: null,
    thresholds: { severity: {}, category: {} },
    limits: { generateTokens: 1_500, ballotTokens: 60, candidates: 20 },
    required: false,
    cacheMs: 86_400_000,
    exclude: [],
    include: [],
    forbiddenPaths: [],
  },
  planner: null,
  chains: { review: [], plan: [] },
  budgets: {
    runMicroUsd: null,
    taskMicroUsd: null,
    planMicroUsd: null,
    pullRequestMicroUsd: null,
    issueMicroUsd: null,
    authorDayMicroUsd: null,
    dayMicroUsd: null,
    monthMicroUsd: null,
    retryMicroUsd: 2_000_000,
  },
  profile: null,
  features: { failover: true, rateQueue: true, quickFallback: true, sequentialFallback: true },
};

const usualPullReview = {
  on: "pushes",
  drafts: false,
  failOn: [],
  maxComments: 30,
  severityFloor: "low",
  sticky: true,
  include: [],
  exclude: [],
  sarif: false,
};

const noServer = {
  server: null,
  auth: null,
  audit: { anchor: null, key: null, publicKeys: [], retentionDays: 90 },
};

const usualBus = { bus: { kind: null, url: null } };

const noLimits = {
  limits: {
    sessions: null,
    openTasks: null,
    leases: null,
    messages: null,
    events: null,
    requestsPerMinute: null,
    projects: new Map(),
  },
};

const noTasks = {
  branches: [],
  checks: [],
  failingChecks: false,
  issues: false,
  mostOpen: 10,
  planFiles: [],
};

const noRules = {
  rules: { require: null, generated: [] },
  github: {
    publishOnPush: false,
    remote: "origin",
    allowBots: [],
    planLabel: "skein:plan",
    review: usualPullReview,
    tasks: noTasks,
  },
};

function load(text: string, more: Partial<SettingsRequest> = {}): Promise<LoadedSettings> {
  return loadSettings({ root, env: {}, text, ...more });
}

describe("loadSettings", () => {
  test("has a value for every setting when there is no file", async () => {
    const { settings, file, origins } = await loadSettings({ root, env: {} });

    expect(settings).toEqual({
      integration: { branch: null, method: "rebase", checks: [] },
      checks: new Map(),
      store: {
        durability: "full",
        url: null,
        project: null,
        connections: 20,
        statementMs: 30_000,
      },
      leases: { durationMs: 1_800_000, caseInsensitive: "auto" },
      generated: [],
      branches: {
        protected: [],
        agents: { lead: null, manager: null, worker: null, sub: null },
      },
      budgetMicroUsd: null,
      ...noModels,
      ...noRules,
      ...noServer,
      ...usualBus,
      ...noLimits,
    });
    expect(file).toBeNull();
    expect([...origins]).toEqual([]);
  });

  test("reads every setting of a full file", async () => {
    const { settings } = await load(`
integration: { branch: trunk, method: merge, checks: [test] }
checks:
  test: { run: npm test -- --run "a b", timeout_seconds: 90 }
  lint: { run: [sh, -c, "oxlint && tsc"] }
bus: { kind: redis, url: env:TEAM_BUS }
store: { durability: normal, url: env:TEAM_DATABASE, project: acme/shop, connections: 5, statement_seconds: 2 }
leases: { minutes: 5, case_insensitive: true }
generated: ["dist/**"]
branches:
  protected: [main, "release/*"]
  agents: { worker: ["feature/*"] }
budget_usd: 12.345678
github:
  publish_on_push: true
  remote: upstream
  allow_bots: ["robo[bot]"]
  plan_label: split
  review:
    { on: label, drafts: true, fail_on: [critical], max_comments: 5, severity_floor: high, sticky: false, include: ["src/**"], exclude: ["dist/**"], sarif: true }
`);

    expect(settings).toEqual({
      integration: { branch: "trunk", method: "merge", checks: ["test"] },
      checks: new Map([
        ["test", { argv: ["npm", "test", "--", "--run", "a b"], timeoutMs: 90_000 }],
        ["lint", { argv: ["sh", "-c", "oxlint && tsc"], timeoutMs: 600_000 }],
      ]),
      store: {
        durability: "normal",
        url: "env:TEAM_DATABASE",
        project: "acme/shop",
        connections: 5,
        statementMs: 2_000,
      },
      leases: { durationMs: 300_000, caseInsensitive: true },
      generated: ["dist/**"],
      branches: {
        protected: ["main", "release/*"],
        agents: { lead: null, manager: null, worker: ["feature/*"], sub: null },
      },
      budgetMicroUsd: 12_345_678,
      ...noLimits,
      ...noModels,
      bus: { kind: "redis", url: "env:TEAM_BUS" },
      ...noServer,
      rules: { require: null, generated: ["dist/**"] },
      github: {
        publishOnPush: true,
        remote: "upstream",
        allowBots: ["robo[bot]"],
        planLabel: "split",
        tasks: noTasks,
        review: {
          on: "label",
          drafts: true,
          failOn: ["critical"],
          maxComments: 5,
          severityFloor: "high",
          sticky: false,
          include: ["src/**"],
          exclude: ["dist/**"],
          sarif: true,
        },
      },
    });
  });

  test("takes one list of branches for agents of all tiers", async () => {
    const { settings } = await load("branches: { agents: [feature/*] }");

    expect(settings.branches.agents).toEqual({
      lead: ["feature/*"],
      manager: ["feature/*"],
      worker: ["feature/*"],
      sub: ["feature/*"],
    });
  });

  test("ranks flags before variables before the file before the defaults", async () => {
    const { settings, origins } = await load(
      "leases: { minutes: 5 }\nstore: { durability: normal }",
      {
        env: { SKEIN_LEASES_MINUTES: "6", SKEIN_BUDGET_USD: "1.5" },
        flags: { "leases.minutes": "7", "integration.method": "merge" },
      },
    );

    expect(settings.leases.durationMs).toBe(7 * 60_000);
    expect(settings.budgetMicroUsd).toBe(1_500_000);
    expect(settings.integration.method).toBe("merge");
    expect(Object.fromEntries(origins)).toEqual({
      "leases.minutes": "flag",
      "store.durability": "file",
      "integration.method": "flag",
      budget_usd: "env",
    });
  });

  test("finds the file at the root before the one in .github", async () => {
    const place = join(root, "repo");
    mkdirSync(join(place, ".github"), { recursive: true });
    writeFileSync(join(place, ".github/skein.yml"), "leases: { minutes: 3 }");
    const below = await loadSettings({ root: place, env: {} });
    writeFileSync(join(place, "skein.yml"), "leases: { minutes: 4 }");
    const atRoot = await loadSettings({ root: place, env: {} });

    expect(below).toMatchObject({
      file: ".github/skein.yml",
      settings: { leases: { durationMs: 180_000 } },
    });
    expect(atRoot).toMatchObject({
      file: "skein.yml",
      settings: { leases: { durationMs: 240_000 } },
    });
  });

  test("takes an empty file for no settings", async () => {
    expect((await load("# nothing yet\n")).settings.leases.durationMs).toBe(1_800_000);
  });
});

describe("variables in the file", () => {
  test("stand for their value, or for the default", async () => {
    const { settings } = await load(
      "leases:\n  minutes: ${MINUTES}\nintegration: { branch: '${TEAM:-core}-trunk' }",
      { env: { MINUTES: "9" } },
    );

    expect(settings.leases.durationMs).toBe(9 * 60_000);
    expect(settings.integration.branch).toBe("core-trunk");
  });

  test("are left to the commands of checks", async () => {
    const { settings } = await load('checks: { a: { run: [sh, -c, "echo ${HOME}"] } }');

    expect(settings.checks.get("a")?.argv[2]).toBe("echo ${HOME}");
  });

  test.each([
    ["leases:\n  minutes: ${MISSING}", /MISSING is not set/u],
    ["integration: { branch: '${GITHUB_TOKEN}' }", /GITHUB_TOKEN holds a secret/u],
    ["integration: { branch: '${a b}' }", /not the name of a variable/u],
  ])("are refused when they cannot be used: %s", async (text, message) => {
    const found = load(text, { env: { GITHUB_TOKEN: "t0p" } });

    await expect(found).rejects.toMatchObject({
      code: "SKN-2004",
      message: expect.stringMatching(message),
    });
  });
});

describe("faults in the file", () => {
  test.each([
    ["a: [1", "SKN-2001", 1, 6],
    ["leases: { minutes: 1 }\nleases: { minutes: 2 }", "SKN-2001", 2, 1],
    ["leases:\n  minuts: 5", "SKN-2002", 2, 3],
    ["lease: {}", "SKN-2002", 1, 1],
    ["__proto__: { x: 1 }", "SKN-2002", 1, 1],
    ["leases:\n  minutes: many", "SKN-2003", 2, 12],
    ["leases: { minutes: 0 }", "SKN-2003", 1, 20],
    ["budget_usd: -1", "SKN-2003", 1, 13],
    ["budget_usd: 0.0000001", "SKN-2003", 1, 13],
    ["- a list", "SKN-2003", 1, 1],
    ["generated:\n  - ok\n  - 5", "SKN-2003", 3, 5],
    ["integration: { branch: -x }", "SKN-2003", 1, 24],
    ["integration: { checks: [gone] }", "SKN-2003", 1, 25],
    ["checks: { t: { run: a && b } }", "SKN-2006", 1, 21],
    ["checks: { t: { run: 'echo $HOME' } }", "SKN-2006", 1, 21],
    [
      "a: &a [x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b]",
      "SKN-2001",
      1,
      1,
    ],
  ])("have their place: %j", async (text, code, ...[line, column]) => {
    await expect(load(text)).rejects.toMatchObject({
      code,
      kind: "config",
      facts: { file: "skein.yml", line, column },
    });
  });

  test.skipIf(process.platform === "win32")(
    "are told of a file over 1 MiB, and of what is no plain file, before it is read",
    async () => {
      const [large, link] = [join(root, "large"), join(root, "link")];
      for (const place of [large, link]) {
        mkdirSync(place);
      }
      writeFileSync(join(large, "skein.yml"), "#".repeat(1_048_576));
      expect((await loadSettings({ root: large, env: {} })).file).toBe("skein.yml");
      writeFileSync(join(large, "skein.yml"), "#".repeat(1_048_577));
      symlinkSync("/dev/null", join(link, "skein.yml"));

      for (const place of [large, link]) {
        await expect(loadSettings({ root: place, env: {} })).rejects.toMatchObject({
          code: "SKN-2001",
          message: expect.stringContaining(join(place, "skein.yml")),
        });
      }
    },
  );

  test("come with the key that was probably meant", async () => {
    await expect(load("leases:\n  minuts: 5")).rejects.toThrow(
      "skein.yml, line 2, column 3: `leases.minuts` is no setting. Did you mean `minutes`? Allowed here: minutes, case_insensitive.",
    );
  });
});

describe("overrides", () => {
  test("name the variable or the flag that is wrong", async () => {
    await expect(load("", { env: { SKEIN_LEASES_MINUTES: "soon" } })).rejects.toMatchObject({
      code: "SKN-2005",
      message: expect.stringContaining("SKEIN_LEASES_MINUTES"),
    });
    await expect(load("", { flags: { "integration.method": "squash" } })).rejects.toMatchObject({
      code: "SKN-2005",
      message: expect.stringContaining("flag for `integration.method`"),
    });
    await expect(load("", { flags: { "integration.metod": "merge" } })).rejects.toThrow(
      "Did you mean `integration.method`?",
    );
  });

  test("exist for each name under its variable", () => {
    expect(overrideNames).toContain("store.durability");
    expect(variableOf("leases.case_insensitive")).toBe("SKEIN_LEASES_CASE_INSENSITIVE");
  });
});

describe("the cache", () => {
  test("gives the same settings, and is not believed once the file changes", async () => {
    const cacheFile = join(root, "cache.json");
    const first = await load("leases: { minutes: 5 }", { cacheFile });
    const again = await load("leases: { minutes: 5 }", { cacheFile });
    const changed = await load("leases: { minutes: 6 }", { cacheFile });

    expect(again).toEqual(first);
    expect(changed.settings.leases.durationMs).toBe(360_000);
    expect(statSync(cacheFile).mode & 0o777).toBe(0o600);
  });

  test("keeps no file that depends on the environment, and may be unwritable", async () => {
    const cacheFile = join(root, "other.json");
    await load("leases: { minutes: '${M}' }", { cacheFile, env: { M: "5" } });
    const { settings } = await load("leases: { minutes: 5 }", { cacheFile: join(root, "gone/x") });

    expect(existsSync(cacheFile)).toBe(false);
    expect(settings.leases.durationMs).toBe(300_000);
  });
});

describe("parseChecks", () => {
  test("reads the commands only, whatever the rest needs", async () => {
    const checks = await parseChecks(
      "leases: { minutes: '${X}' }\nchecks: { t: { run: make t } }",
      "skein.yml",
    );

    expect([...checks]).toEqual([["t", { argv: ["make", "t"], timeoutMs: 600_000 }]]);
  });

  test("finds none in an empty file", async () => {
    expect((await parseChecks("", "skein.yml")).size).toBe(0);
  });
});

test("the published schema is fresh; run `npm run schema` when it is not", () => {
  const published: unknown = JSON.parse(readFileSync("schema/skein.schema.json", "utf8"));

  expect(published).toEqual(JSON.parse(publishedSettingsSchema()));
  expect(JSON.stringify(published)).not.toContain("multipleOf");
});
