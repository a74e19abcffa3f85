import { describe, expect, test } from "vitest";
import { defaultMaxAgeMs, evaluate, maxDepth } from "../../src/core/rules/index.ts";
import type { Policy } from "../../src/core/rules/index.ts";
import { loadSettings, parseRulesSettings } from "../../src/settings.ts";
import { aSnapshot } from "../support/rules.ts";

const full = `branches: { protected: [main, dev] }
generated: ["dist/**"]
rules:
  require:
    - leases:
    - fences: { max_age_hours: 48 }
      advisory: true
    - secrets:
    - lockfile: {}
      name: lock files
    - branch_name: { patterns: ["feature/*"] }
    - target_branch: { permission: maintain, users: ["robo[bot]"], from: [dev] }
      targets: [main]
    - protected_paths: { paths: [".github/"], author_counts: true }
    - task_link: { accept: [key], keys: [SHOP] }
    - trailers: { require: [Signed-off-by] }
    - labels: { forbid: ["do not merge"] }
    - or:
        - size: { max_lines: 400, except: ["docs/"] }
        - and: [{ approvals: { count: 2 } }]
      targets: [main]
`;

function wrap(text: string, times: number): string {
  return times === 0 ? text : `{ or: [${wrap(text, times - 1)}] }`;
}

function nested(depth: number): Promise<Policy> {
  const text = `rules: { require: [${wrap("{ secrets: }", depth - 1)}] }`;
  return parseRulesSettings(text, "skein.yml");
}

describe("parseRulesSettings", () => {
  test("gives a policy that the rules can go by, with the defaults filled in", async () => {
    const policy: Policy = await parseRulesSettings(full, ".github/skein.yml");
    const plain = { name: null, isAdvisory: false, targets: null };

    expect(policy).toEqual({
      generated: ["dist/**"],
      require: [
        { kind: "rule", ...plain, choice: { kind: "leases", maxAgeMs: defaultMaxAgeMs } },
        {
          kind: "rule",
          ...plain,
          isAdvisory: true,
          choice: { kind: "fences", maxAgeMs: 172_800_000 },
        },
        { kind: "rule", ...plain, choice: { kind: "secrets" } },
        { kind: "rule", ...plain, name: "lock files", choice: { kind: "lockfile" } },
        { kind: "rule", ...plain, choice: { kind: "branch_name", patterns: ["feature/*"] } },
        {
          kind: "rule",
          ...plain,
          targets: ["main"],
          choice: {
            kind: "target_branch",
            branches: ["main", "dev"],
            permission: "maintain",
            users: ["robo[bot]"],
            from: ["dev"],
          },
        },
        {
          kind: "rule",
          ...plain,
          choice: {
            kind: "protected_paths",
            paths: [".github/"],
            count: 1,
            permission: "write",
            users: [],
            authorCounts: true,
          },
        },
        { kind: "rule", ...plain, choice: { kind: "task_link", accept: ["key"], keys: ["SHOP"] } },
        { kind: "rule", ...plain, choice: { kind: "trailers", require: ["Signed-off-by"] } },
        { kind: "rule", ...plain, choice: { kind: "labels", forbid: ["do not merge"] } },
        {
          kind: "or",
          targets: ["main"],
          of: [
            {
              kind: "rule",
              ...plain,
              choice: { kind: "size", maxLines: 400, maxFiles: null, except: ["docs/"] },
            },
            {
              kind: "and",
              targets: null,
              of: [
                {
                  kind: "rule",
                  ...plain,
                  choice: { kind: "approvals", count: 2, permission: "write", users: [] },
                },
              ],
            },
          ],
        },
      ],
    });
    expect(evaluate(policy, aSnapshot()).rows).toHaveLength(12);
  });

  test("says the same as the settings of a clone", async () => {
    const { settings } = await loadSettings({ root: "/nowhere", env: {}, text: full });

    expect(settings.rules).toEqual(await parseRulesSettings(full, "skein.yml"));
  });

  test("is null where nobody chose, and empty where people chose none", async () => {
    expect((await parseRulesSettings("profile: staging", "skein.yml")).require).toBeNull();
    expect((await parseRulesSettings("rules: { require: [] }", "skein.yml")).require).toEqual([]);
  });

  test("reads rules where other parts are of another version", async () => {
    const text = "unheard_of: 1\nmodels: 7\nrules: { require: [{ secrets: }] }\n";

    expect((await parseRulesSettings(text, "skein.yml")).require).toHaveLength(1);
  });

  test("takes `and` and `or` as deep as the rules go, and not deeper", async () => {
    expect(evaluate(await nested(maxDepth), aSnapshot()).conclusion).toBe("pass");
    await expect(nested(maxDepth + 1)).rejects.toMatchObject({ code: "SKN-2003" });
  });

  test.each([
    ["an unknown rule", "- lease: {}", "SKN-2002", [3, 7], "Did you mean `leases`?"],
    ["an unknown option", "- size: { max_line: 3 }", "SKN-2002", [3, 15], "`max_lines`"],
    [
      "an option that is out of range",
      "- approvals: { count: 0 }",
      "SKN-2003",
      [3, 27],
      "from 1 to 10, not 0",
    ],
    ["a rule as a word", "- secrets", "SKN-2003", [3, 7], "takes a section with"],
    [
      "two rules in one",
      "- { secrets: , lockfile: }",
      "SKN-2003",
      [3, 7],
      "it has secrets, lockfile",
    ],
    ["no rule at all", "- { name: x }", "SKN-2003", [3, 7], "it has none"],
    ["a size without a limit", "- size: {}", "SKN-2003", [3, 13], "`max_lines` or `max_files`"],
    [
      "keys that are not there",
      "- task_link: { accept: [key] }",
      "SKN-2003",
      [3, 18],
      "needs `keys`",
    ],
    ["no branch to protect", "- target_branch:", "SKN-2003", [3, 21], "needs `branches`"],
    [
      "a variable",
      '- branch_name: { patterns: ["${X}"] }',
      "SKN-2004",
      [3, 33],
      "takes no variables",
    ],
    [
      "a branch's name that frees",
      "- or: [{ branch_name: { patterns: [a] } }]",
      "SKN-2003",
      [3, 27],
      "cannot stand in for another rule",
    ],
    [
      "advice in a group",
      "- { advisory: true, or: [{ secrets: }] }",
      "SKN-2003",
      [3, 7],
      "are said of a rule",
    ],
    ["a login that is none", '- approvals: { users: ["a b"] }', "SKN-2003", [3, 28], "A login"],
  ] as const)("names %s with its place", async (...[, line, code, [row, column], words]) => {
    const text = `rules:\n  require:\n    ${line}\n`;

    await expect(parseRulesSettings(text, "skein.yml")).rejects.toMatchObject({
      code,
      facts: { line: row, column },
      message: expect.stringContaining(words),
    });
  });
});
