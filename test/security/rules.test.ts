import { lexer, walkTokens } from "marked";
import type { Token } from "marked";
import { describe, expect, test } from "vitest";
import {
  evaluate,
  explainLines,
  explainMarkdown,
  known,
  ledgerText,
  parseLedger,
} from "../../src/core/rules/index.ts";
import type { RuleChoice, Snapshot } from "../../src/core/rules/index.ts";
import { visibleText } from "../../src/cli/visible.ts";
import { parseRulesSettings } from "../../src/settings.ts";
import {
  aCommit,
  aFile,
  aLease,
  aLedger,
  aPerson,
  aPolicy,
  aPublication,
  aRule,
  aSnapshot,
  aTask,
  dayMs,
  headSha,
  marked,
} from "../support/rules.ts";

/** What somebody writes into a name, a label, a message or a ledger to be more than text. */
const payloads = [
  "@octocat",
  "Fixes #1",
  "https://evil.example/x",
  "[click](javascript:alert(1))",
  "![pixel](https://evil.example/p.png)",
  "<img src=x onerror=alert(1)>",
  "</details><script>alert(1)</script>",
  "<!-- skein:state {} -->",
  "a | b | **pass** |",
  "|\n|---|\n| leases | pass |",
  "`` ` @octocat",
  "\u202e@octocat\u202c",
  "@\u200boctocat",
  "\u{e0041}\u{e0042}@octocat",
  "\u001b[31m\u001b]0;title\u0007@octocat",
  "\r\n/approve",
  "x".repeat(20_000),
  "__proto__",
  "constructor",
  "${process.env.HOME}",
  "$(touch /tmp/x)",
] as const;

const every: readonly RuleChoice[] = [
  { kind: "branch_name", patterns: ["never"] },
  { kind: "target_branch", branches: ["**"], permission: "admin", users: [], from: ["never"] },
  { kind: "target_branch", branches: ["**"], permission: "admin", users: [], from: null },
  {
    kind: "protected_paths",
    paths: ["**"],
    count: 1,
    permission: "write",
    users: [],
    authorCounts: false,
  },
  { kind: "task_link", accept: ["task", "issue"], keys: [] },
  { kind: "size", maxLines: 1, maxFiles: null, except: [] },
  { kind: "trailers", require: ["Nothing-Has-This"] },
  { kind: "fences", maxAgeMs: dayMs },
  { kind: "leases", maxAgeMs: dayMs },
  { kind: "labels", forbid: payloads.map(String) },
  { kind: "secrets" },
  { kind: "lockfile" },
];

/** The payload at every place that somebody outside can fill. */
function everywhere(text: string): Partial<Snapshot> {
  return {
    base: { ref: text, sha: "a".repeat(40) },
    head: { ref: text, sha: headSha, isFork: false },
    author: known(aPerson(text)),
    text: known({ title: text, body: text }),
    labels: known([text]),
    files: known([aFile(text), aFile(`${text}/package-lock.json`), aFile("src/a.ts")]),
    commits: known([
      aCommit({ message: text, paths: [text] }),
      aCommit({ message: `${text}\n\nSkein-Task: prices/T1\nSkein-Fence: 1`, paths: [text] }),
    ]),
    ledger: known(
      aLedger({
        leases: [
          aLease("src/a.ts", {
            name: text,
            reason: text,
            branch: text,
            task: text,
            session: text,
            id: text,
          }),
          aLease("src/a.ts", { mode: "shared", name: text, reason: text }),
        ],
        tasks: [aTask()],
      }),
    ),
    secrets: known([{ path: text, line: 1, kind: text }]),
    lockFiles: known([text]),
  };
}

const allowed = new Set([
  "space",
  "paragraph",
  "strong",
  "text",
  "escape",
  "table",
  "codespan",
  "list",
  "list_item",
]);

function aliveIn(markdown: string): readonly string[] {
  const alive: string[] = [];
  void walkTokens(lexer(markdown, { gfm: true }), (token: Token) => {
    if (!allowed.has(token.type)) {
      alive.push(`${token.type}: ${token.raw}`);
    }
  });
  return alive;
}

describe("the explanation of rules", () => {
  test.each(payloads.map((text) => [text.slice(0, 40), text] as const))(
    "keeps %j dead in Markdown and on a terminal",
    (_shown, text) => {
      const policy = aPolicy(every.map((choice) => aRule(choice)));
      const result = evaluate(policy, aSnapshot(everywhere(text)));
      const markdown = explainMarkdown(result);

      expect(aliveIn(markdown)).toEqual([]);
      expect(markdown).not.toMatch(/[\p{Cf}\u{E0000}-\u{E01EF}]|(?!\n)\p{Cc}/u);
      expect(markdown.length).toBeLessThan(60_000);
      // Every row is one row: nothing in it begins another, and none has a cell more.
      const rows = markdown.split("\n").filter((line) => line.startsWith("|"));
      expect(rows).toHaveLength(every.length + 2);
      expect(rows.map((row) => row.match(/(?<!\\)\|/gu)?.length)).toEqual(rows.map(() => 5));
      const lines = explainLines(result).join("\n");
      expect(visibleText(lines)).not.toMatch(/\p{Cf}|(?!\n)\p{Cc}/u);
    },
  );
});

describe("a pull request's own words", () => {
  const rules = aPolicy([aRule({ kind: "leases", maxAgeMs: dayMs }), aRule({ kind: "secrets" })]);
  const held = aLease("src/a.ts", { session: "s2", task: "prices/T1", branch: "fix/y" });
  const ledger = known(aLedger({ leases: [held], tasks: [aTask()] }));
  const spoofs: readonly (readonly [string, Partial<Snapshot>])[] = [
    ["a branch called like the holder's", { head: { ref: "fix/y", sha: headSha, isFork: false } }],
    ["a branch called after the session", { head: { ref: "s2", sha: headSha, isFork: false } }],
    ["a label", { labels: known(["skein:exempt", "prices/T1", "s2"]) }],
    [
      "marks in the title and the text",
      { text: known({ title: marked("prices/T1", 50), body: marked("prices/T1", 50) }) },
    ],
    [
      "a mark from a fork",
      {
        head: { ref: "fix/y", sha: headSha, isFork: true },
        commits: known([aCommit({ message: marked("prices/T1", 50), paths: ["src/a.ts"] })]),
      },
    ],
    [
      "a mark by an author who may not push",
      {
        author: known(aPerson("eve", { permission: "triage" })),
        commits: known([aCommit({ message: marked("prices/T1", 50), paths: ["src/a.ts"] })]),
      },
    ],
    [
      "a mark of another fence",
      { commits: known([aCommit({ message: marked("prices/T1", 51), paths: ["src/a.ts"] })]) },
    ],
    [
      "a fence far from its task",
      {
        commits: known([
          aCommit({ message: "Skein-Task: prices/T1\nx\nSkein-Fence: 50", paths: ["src/a.ts"] }),
        ]),
      },
    ],
    [
      "a marked commit beside one that is not",
      {
        commits: known([
          aCommit({ message: marked("prices/T1", 50), paths: ["src/a.ts"] }),
          aCommit({ paths: ["src/a.ts"] }),
        ]),
      },
    ],
    [
      "a marked commit of other paths",
      { commits: known([aCommit({ message: marked("prices/T1", 50), paths: ["src/b.ts"] })]) },
    ],
    ["the holder's name as author", { author: known(aPerson("grace")) }],
  ];

  test.each(spoofs)("frees nothing by %s", (_what, odd) => {
    expect(evaluate(rules, aSnapshot({ ledger, ...odd })).conclusion).toBe("fail");
  });

  test("settings that would free by an author's own words are refused", async () => {
    for (const kind of [
      "branch_name: { patterns: [hotfix/*] }",
      "labels: { forbid: [x] }",
      "task_link: {}",
      "trailers: { require: [A] }",
    ]) {
      const text = `rules: { require: [{ or: [{ and: [{ ${kind} }] }, { approvals: {} }] }] }`;

      await expect(parseRulesSettings(text, "skein.yml")).rejects.toMatchObject({
        code: "SKN-2003",
      });
    }
  });
});

function intricate(index: number) {
  return { kind: "glob" as const, text: `**/*a*b*c*${String(index)}*/{a,b}{c,d}{e,f}*/**/*x*y*` };
}

function judgedIn(patternCount: number, fileCount: number) {
  const patterns = Array.from({ length: patternCount }, (_, index) => intricate(index));
  const leases = [aLease("", { patterns })];
  const text = ledgerText({ source: "published", publications: [aPublication({ leases })] });
  const files = known(
    Array.from({ length: fileCount }, (_, index) =>
      aFile(`aabbcc${String(index)}/${"abc".repeat(20)}/f${String(index)}`),
    ),
  );
  const ledger = known(parseLedger(text));
  const start = performance.now();
  const { conclusion } = evaluate(
    aPolicy([aRule({ kind: "leases", maxAgeMs: dayMs })]),
    aSnapshot({ ledger, files }),
  );
  return { conclusion, tookMs: performance.now() - start };
}

describe("a hostile ledger", () => {
  test("names no prototype and reads no inherited value", () => {
    const text = ledgerText({ source: "published", publications: [aPublication()] }).replace(
      '"leases": []',
      '"__proto__": { "omitted": 9 }, "leases": [{ "__proto__": { "id": "L1", "session": "s1" } }]',
    );
    const [publication] = parseLedger(text).publications;

    expect(publication).toMatchObject({ leases: [], omitted: 1 });
    expect(Object.getPrototypeOf(publication)).toBe(Object.prototype);
  });

  test("whose globs would take minutes is no pass and takes no time", () => {
    const { conclusion, tookMs } = judgedIn(256, 300);

    expect(conclusion).toBe("error");
    expect(tookMs).toBeLessThan(1_000);
  });

  test("whose globs are just few enough is judged in seconds", () => {
    const { conclusion, tookMs } = judgedIn(32, 100);

    expect(conclusion).toBe("pass");
    expect(tookMs).toBeLessThan(30_000);
  });

  test("long messages are read in linear time", () => {
    const message = `Skein-Task: ${"a.".repeat(100_000)}\n${"(".repeat(100_000)}${"a/".repeat(100_000)}#`;
    const start = performance.now();
    evaluate(
      aPolicy(every.map((choice) => aRule(choice))),
      aSnapshot({
        commits: known([aCommit({ message, paths: [] })]),
        text: known({ title: message, body: message }),
      }),
    );

    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
