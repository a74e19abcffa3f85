import { describe, expect, test } from "vitest";
import {
  ambientBreaches,
  importBreaches,
  lengthBreaches,
  readSources,
} from "./support/import-law.ts";
import type { House, SourceFile } from "./support/import-law.ts";

const base = "src/core/base";
const store = "src/core/store";
const events = "src/core/events";

/** What every noun of core stands on. Nouns never know each other. */
const ground = [base, store, events];

const nouns = [
  "sessions",
  "plans",
  "leases",
  "messages",
  "costs",
  "approvals",
  "models",
  "metrics",
  "hosting",
  "audit",
  "access",
].map(inCore);
const useCases = [
  "dispatch",
  "integration",
  "upkeep",
  "review",
  "planner",
  "rules",
  "decomposition",
  "pull-reviews",
  "guarding",
  "intake",
].map(inCore);
const core = [...ground, ...nouns, ...useCases, "src/core"];
const settings = "src/settings";

/** The picture of `docs/architecture.md` as a table: a module, and what it may import. */
const house: House = {
  law: {
    // The ground, from below.
    [base]: [],
    [store]: [base],
    [events]: [base, store],

    // Nouns.
    ...Object.fromEntries(nouns.map((noun) => [noun, ground])),

    // Use cases.
    "src/core/dispatch": [...ground, ...nouns],
    "src/core/integration": [...ground, ...nouns, "src/core/dispatch"],
    "src/core/upkeep": [...ground, ...nouns, "src/core/dispatch", "src/core/integration"],
    "src/core/review": [...ground, ...nouns],
    "src/core/planner": [...ground, ...nouns],
    "src/core/rules": [...ground, ...nouns],
    "src/core/decomposition": [...ground, ...nouns, "src/core/dispatch", "src/core/planner"],
    "src/core/guarding": [...ground, ...nouns, "src/core/dispatch"],
    "src/core/pull-reviews": [...ground, ...nouns, "src/core/review"],
    "src/core/intake": [...ground, ...nouns, "src/core/decomposition"],

    // The facade, and what fills core's ports.
    "src/core": [...ground, ...nouns, ...useCases],
    "src/adapters": core,
    // What people chose about rules is core's policy; settings know its types and nothing that runs.
    [settings]: [base, "src/core/rules"],
    "src/settings-watch.ts": [base, settings, "src/settings.ts", "src/worktree-settings.ts"],
    "src/settings.ts": [base, "src/adapters", settings, "src/core/rules"],
    "src/worktree-settings.ts": [...core, "src/adapters", settings, "src/settings.ts"],
    "src/store-place.ts": [...core, "src/adapters", "src/settings.ts"],
    "src/compose-audit.ts": [...core, "src/adapters", "src/settings.ts"],
    "src/compose-bus.ts": [...core, "src/adapters", "src/settings.ts"],
    "src/compose-database.ts": [
      ...core,
      "src/adapters",
      "src/settings.ts",
      "src/store-place.ts",
      "src/compose-bus.ts",
    ],
    "src/compose.ts": [
      "src/settings-watch.ts",
      "src/worktree-settings.ts",
      ...core,
      "src/adapters",
      settings,
      "src/settings.ts",
      "src/store-place.ts",
      "src/compose-database.ts",
    ],
    "src/compose-projects.ts": [
      ...core,
      "src/adapters",
      "src/settings.ts",
      "src/store-place.ts",
      "src/compose-database.ts",
      "src/compose.ts",
      "src/provider-trust.ts",
      "src/worktree-settings.ts",
    ],
    "src/index.ts": [...core, "src/compose.ts", "src/settings.ts"],
    "src/compose-models.ts": [
      ...core,
      "src/adapters",
      "src/settings.ts",
      "src/compose.ts",
      "src/project-budget.ts",
      "src/provider-trust.ts",
      "src/provider-bounds.ts",
    ],
    "src/provider-trust.ts": [...core, "src/adapters", "src/settings.ts", "src/compose.ts"],
    "src/provider-bounds.ts": [
      ...core,
      "src/settings.ts",
      "src/compose.ts",
      "src/provider-trust.ts",
    ],
    "src/compose-review.ts": [
      ...core,
      "src/adapters",
      "src/compose.ts",
      "src/compose-models.ts",
      "src/compose-recording.ts",
      "src/review-sources.ts",
      "src/review-wishes.ts",
    ],
    "src/compose-recording.ts": [...core, "src/adapters"],
    "src/review-sources.ts": [...core, "src/adapters"],
    "src/review-wishes.ts": [...core, "src/settings.ts"],
    "src/sent-work.ts": [...core, "src/adapters", "src/review-sources.ts"],
    "src/gather-work.ts": [
      ...core,
      "src/adapters",
      "src/compose.ts",
      "src/compose-planner.ts",
      "src/review-sources.ts",
    ],
    "src/compose-planner.ts": [...core, "src/adapters", "src/compose.ts", "src/compose-models.ts"],
    "src/compose-server.ts": [...core, "src/adapters"],
    "src/project-budget.ts": [...core, "src/adapters", "src/compose.ts", "src/settings.ts"],

    // Faces: one protocol each, never each other.
    "src/mcp": [
      ...core,
      "src/adapters",
      "src/settings.ts",
      "src/settings",
      "src/store-place.ts",
      "src/compose-database.ts",
      "src/compose.ts",
      "src/compose-projects.ts",
      "src/compose-server.ts",
      "src/compose-models.ts",
      "src/sent-work.ts",
      "src/gather-work.ts",
      "src/compose-review.ts",
      "src/compose-planner.ts",
      "src/project-budget.ts",
      "src/worktree-settings.ts",
    ],
    "src/http": [
      ...core,
      "src/adapters",
      "src/settings.ts",
      "src/settings",
      "src/compose.ts",
      "src/compose-projects.ts",
      "src/compose-audit.ts",
      "src/sent-work.ts",
      "src/project-budget.ts",
    ],
    "src/compose-action-store.ts": [
      ...core,
      "src/adapters",
      "src/settings.ts",
      "src/compose.ts",
      "src/store-place.ts",
    ],
    "src/compose-github.ts": [
      ...core,
      "src/adapters",
      "src/settings.ts",
      "src/compose.ts",
      "src/compose-models.ts",
      "src/compose-review.ts",
      "src/compose-planner.ts",
    ],
    "src/bot": [
      ...core,
      "src/adapters",
      "src/settings.ts",
      "src/settings",
      "src/compose.ts",
      "src/compose-server.ts",
      "src/compose-models.ts",
      "src/compose-review.ts",
      "src/compose-planner.ts",
      "src/compose-github.ts",
      "src/compose-action-store.ts",
      "src/project-budget.ts",
      "src/provider-trust.ts",
      "src/provider-bounds.ts",
    ],
    "src/cli": [
      ...core,
      "src/adapters",
      settings,
      "src/settings.ts",
      "src/store-place.ts",
      "src/compose-database.ts",
      "src/compose-projects.ts",
      "src/compose.ts",
      "src/compose-server.ts",
      "src/compose-models.ts",
      "src/sent-work.ts",
      "src/gather-work.ts",
      "src/compose-review.ts",
      "src/compose-recording.ts",
      "src/compose-planner.ts",
      "src/compose-github.ts",
      "src/project-budget.ts",
      "src/provider-trust.ts",
      "src/compose-audit.ts",
      "src/worktree-settings.ts",
    ],
  },
  exceptions: {
    // This command starts the other face; it does nothing else.
    "src/cli/commands/bot.ts": ["src/bot/index.ts"],
    // These two commands start the other face; they do nothing else.
    "src/cli/commands/mcp.ts": ["src/mcp/index.ts"],
    "src/cli/commands/hook.ts": ["src/mcp/hooks/hook-process.ts", "src/mcp/index.ts"],
    // The catalogue is of all modules.
    "src/cli/error-catalog.ts": [
      "src/http/errors.ts",
      "src/mcp/errors.ts",
      "src/bot/errors.ts",
      "src/bot/app/errors.ts",
    ],
    // The server speaks the protocol of the tools beside its own API: it mounts the tools' face and calls them as it does.
    "src/http/caller.ts": ["src/mcp/index.ts"],
    "src/http/command-runner.ts": ["src/mcp/index.ts"],
    "src/http/context.ts": ["src/mcp/index.ts"],
    "src/http/events-route.ts": ["src/mcp/index.ts"],
    "src/http/live-answer.ts": ["src/mcp/index.ts"],
    "src/http/live-projects.ts": ["src/mcp/index.ts"],
    "src/http/mcp-route.ts": ["src/mcp/index.ts"],
    "src/http/openapi.ts": ["src/mcp/index.ts"],
    "src/http/router.ts": ["src/mcp/index.ts"],
    "src/http/tools-route.ts": ["src/mcp/index.ts"],
    "src/http/hooks-route.ts": ["src/mcp/index.ts"],
    // What a server runs of the command line is brought to it by the command that starts it.
    "src/cli/serve/command-runner.ts": ["src/http/index.ts"],
    // This command starts the server.
    "src/cli/commands/serve.ts": ["src/http/index.ts"],
    // The doctor compares what the server says with what was reviewed.
    "src/cli/doctor/server.ts": ["src/mcp/tools-hash.ts"],
  },
  // Adapters are small files behind ports of core; the parts of the settings stand behind `src/settings.ts`.
  open: [base, "src/adapters", settings],
  vendors: {
    "better-sqlite3": ["src/core/store/dialects"],
    pg: ["src/core/store/dialects", "src/adapters/bus"],
    redis: ["src/adapters/bus"],
    yaml: ["src/core/plans", "src/settings", "src/cli", "src/adapters"],
    jose: ["src/adapters/identity"],
    zod: [
      "src/mcp",
      "src/http/openapi.ts",
      "src/cli",
      "src/bot",
      "src/settings",
      "src/core/review",
      "src/core/planner",
      "src/core/hosting",
      "src/core/rules",
      "src/core/decomposition",
      "src/core/pull-reviews",
      "src/adapters/github",
    ],
    openai: ["src/adapters/models"],
    "@anthropic-ai/sdk": ["src/adapters/models"],
    bottleneck: ["src/core/models"],
    "p-queue": ["src/core/models"],
    cockatiel: ["src/core/models"],
    "@secretlint/core": ["src/adapters/secrets"],
    "@secretlint/profiler": ["src/adapters/secrets"],
    "@secretlint/secretlint-rule-preset-recommend": ["src/adapters/secrets"],
    listr2: ["src/cli"],
    "@octokit/core": ["src/adapters/github"],
    "@octokit/plugin-rest-endpoint-methods": ["src/adapters/github"],
    "@octokit/plugin-paginate-rest": ["src/adapters/github"],
    "@octokit/plugin-throttling": ["src/adapters/github"],
    "@octokit/plugin-retry": ["src/adapters/github"],
    "@octokit/auth-app": ["src/adapters/github"],
    "@octokit/webhooks-methods": ["src/bot"],
    probot: ["src/bot"],
    "@actions/core": ["src/bot"],
    "@modelcontextprotocol/server": ["src/mcp"],
    "@modelcontextprotocol/client": ["src/cli", "src/adapters"],
    commander: ["src/cli"],
    "smol-toml": ["src/cli/init"],
  },
};

const sources = readSources();
const coreSources = sources.filter(({ path }) => path.startsWith("src/core/"));

describe("the house", () => {
  test("has sources to judge", () => {
    expect(coreSources.length).toBeGreaterThan(20);
  });

  test("imports downwards, through front doors, and each vendor in its place", () => {
    expect(importBreaches(sources, house)).toEqual([]);
  });

  test("keeps time, chance, environment, terminal and network out of core", () => {
    expect(ambientBreaches(coreSources)).toEqual([]);
  });

  test("keeps every file within 300 lines", () => {
    expect(lengthBreaches(sources, 300)).toEqual([]);
  });
});

describe("importBreaches", () => {
  test.each([
    [
      "a noun that knows another noun",
      "src/core/leases/x.ts",
      "../plans/index.ts",
      "may not import",
    ],
    ["the ground that knows a noun", "src/core/store/x.ts", "../plans/index.ts", "may not import"],
    [
      "a noun that knows a use case",
      "src/core/plans/x.ts",
      "../dispatch/index.ts",
      "may not import",
    ],
    [
      "core that knows an adapter",
      "src/core/plans/x.ts",
      "../../adapters/git/index.ts",
      "may not import",
    ],
    ["a face that knows another", "src/cli/x.ts", "../mcp/tool.ts", "may not import"],
    ["a face that knows another in return", "src/mcp/x.ts", "../cli/main.ts", "may not import"],
    ["a side door", "src/core/dispatch/x.ts", "../leases/tables.ts", "entered by its index.ts"],
    ["a vendor in core", "src/core/plans/x.ts", "commander", "commander is for src/cli"],
    ["a driver outside the dialects", "src/core/store/x.ts", "better-sqlite3", "is for"],
    ["a package that the table does not know", "src/cli/x.ts", "left-pad", "no row of the table"],
  ])("names %s", (...[, path, specifier, reason]) => {
    for (const text of [
      `import { a } from "${specifier}";`,
      `import type { A } from "${specifier}";`,
      `export { a } from "${specifier}";`,
      `export * from "${specifier}";`,
      `const a = await import("${specifier}");`,
    ]) {
      const breaches = importBreaches([{ path, text }], house);

      expect(breaches, text).toHaveLength(1);
      expect(breaches[0]).toContain(path);
      expect(breaches[0]).toContain(reason);
    }
  });

  test("names a file outside every module", () => {
    expect(importBreaches([{ path: "src/utils/x.ts", text: "" }], house)).toHaveLength(1);
  });

  test("lets a front door, the base and an exception through", () => {
    const files: readonly SourceFile[] = [
      { path: "src/core/dispatch/x.ts", text: `import { a } from "../leases/index.ts";` },
      { path: "src/core/leases/x.ts", text: `import { a } from "../base/ids.ts";` },
      { path: "src/cli/commands/mcp.ts", text: `import { a } from "../../mcp/index.ts";` },
    ];

    expect(importBreaches(files, house)).toEqual([]);
  });
});

describe("ambientBreaches", () => {
  test.each([
    "Date.now()",
    "new Date()",
    "Math.random()",
    "process.env['HOME']",
    "console.log(1)",
    "fetch('https://example.org')",
  ])("names %s", (code) => {
    expect(ambientBreaches([{ path: "src/core/x.ts", text: `const a = ${code};` }])).toHaveLength(
      1,
    );
  });

  test("passes over comments, texts and calls of our own", () => {
    const text = `// Date.now()\nconst a = "console.log";\nconst b = \`\${a} Math.random\`;\nport.fetch(b); new Date(0);`;

    expect(ambientBreaches([{ path: "src/core/x.ts", text }])).toEqual([]);
  });
});

describe("lengthBreaches", () => {
  test("names a file one line too long", () => {
    const text = "a;\n".repeat(301);

    expect(lengthBreaches([{ path: "src/x.ts", text }], 300)).toHaveLength(1);
    expect(lengthBreaches([{ path: "src/x.ts", text: text.slice(3) }], 300)).toEqual([]);
  });
});

function inCore(name: string): string {
  return `src/core/${name}`;
}
