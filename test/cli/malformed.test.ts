import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { errorCatalog } from "../../src/cli/error-catalog.ts";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";

const task = (lines: string): string =>
  `plan: odd\ntitle: Odd\ntasks:\n  - id: T1\n    title: One\n${lines}`;

/** Plan files that are wrong: what is wrong, the text, its format, and where the message must point. */
const plans: readonly (readonly [string, string, string, string])[] = [
  ["an empty file", "", "yaml", "1"],
  ["a list instead of a plan", "- a\n- b\n", "yaml", "1"],
  ["a plan without tasks", "plan: odd\ntitle: Odd\n", "yaml", "tasks"],
  ["a plan without an id", "title: Odd\ntasks: []\n", "yaml", "plan"],
  ["broken YAML", "plan: [odd\n", "yaml", "Line 2"],
  ["a tab for indentation", "plan: odd\ntasks:\n\t- id: T1\n", "yaml", "Line 3"],
  ["a key twice", "plan: odd\nplan: even\ntitle: Odd\ntasks: []\n", "yaml", "Line 2"],
  ["an unknown key of the plan", `${twoTasks}colour: red\n`, "yaml", "colour"],
  ["an unknown key of a task", task("    file: a.ts\n"), "yaml", "file"],
  ["a task without a title", "plan: odd\ntitle: Odd\ntasks:\n  - id: T1\n", "yaml", "title"],
  ["the same id twice", task("  - id: T1\n    title: Again\n"), "yaml", "T1"],
  ["a cycle of one", task("    depends_on: [T1]\n"), "yaml", "T1"],
  [
    "a cycle of two",
    task("    depends_on: [T2]\n  - id: T2\n    title: Two\n    depends_on: [T1]\n"),
    "yaml",
    "T1",
  ],
  ["a dependency that is not there", task("    depends_on: [T7]\n"), "yaml", "T7"],
  ["a parent that is not there", task("    parent: T7\n"), "yaml", "T7"],
  ["a priority that is not known", task("    priority: urgent\n"), "yaml", "urgent"],
  ["minutes that are text", task("    minutes: soon\n"), "yaml", "minutes"],
  ["a day that no calendar has", task("    not_before: 2026-02-30\n"), "yaml", "Line 6, column 17"],
  ["negative minutes", task("    minutes: -5\n"), "yaml", "minutes"],
  ["a path that climbs out", task('    files: ["../secret"]\n'), "yaml", "files"],
  ["an absolute path", task('    files: ["/etc/passwd"]\n'), "yaml", "files"],
  ["a negated glob", task('    files: ["!src/**"]\n'), "yaml", "files"],
  ["a name that no disk holds", task(`    files: [${"a".repeat(300)}]\n`), "yaml", "scope of T1"],
  ["files that are no list", task("    files: src\n"), "yaml", "files"],
  ["a budget below nothing", `budget_usd: -1\n${twoTasks}`, "yaml", "budget_usd"],
  ["a verify that is not known", twoTasks.replace("none", "maybe"), "yaml", "verify"],
  ["broken JSON", '{"plan": "odd",', "json", "Line 1"],
  ["JSON with a trailing comma", '{"plan": "odd", "title": "O", "tasks": [],}', "json", "Line 1"],
  ["half of a character", task('    spec: "\\ud800"\n'), "yaml", "Line 6, column 11"],
  ["front matter without an end", "---\nplan: p\n- [ ] One\n", "markdown", "Line 1"],
  ["a number for an id", '{"plan": 7, "title": "O", "tasks": []}', "json", "plan"],
  ["Markdown without a checklist", "# Plan\n\nJust words.\n", "markdown", "1"],
  ["Markdown that waits for nothing", "# P\n\n- [ ] One (after: T9)\n", "markdown", "T9"],
];

/** Words that are wrong, with the code that says so. */
const calls: readonly (readonly [string, string])[] = [
  ["plna import x.yml", "SKN-1001"],
  ["plan imprt x.yml", "SKN-1001"],
  ["review shw", "SKN-1001"],
  ["review R1 --preset fast", "SKN-1001"],
  ["plan", "SKN-1003"],
  ["plan import", "SKN-1003"],
  ["plan import a.yml b.yml", "SKN-1004"],
  ["plan import nowhere.yml", "SKN-1008"],
  ["plan import .", "SKN-1008"],
  ["plan import latin.yml", "SKN-1008"],
  ["usage import nowhere.jsonl", "SKN-1008"],
  ["usage import .", "SKN-1008"],
  ["plan import README.md --format xml", "SKN-1005"],
  ["review show R1 --sarif --markdown", "SKN-1010"],
  ["plan import README.md --fromat yaml", "SKN-1002"],
  ["plan import README.txt", "SKN-1409"],
  ["task list --limit many", "SKN-1005"],
  ["task list --limit 0", "SKN-1005"],
  ["task list --limit -3", "SKN-1005"],
  ["task list --limit 1e3", "SKN-1005"],
  ["task list --limit", "SKN-1006"],
  ["task list --status open", "SKN-1005"],
  ["task why", "SKN-1003"],
  ["lease take", "SKN-1003"],
  ["lease take src --minutes 0", "SKN-1005"],
  ["lease take src --mode mine", "SKN-1005"],
  ["lease take ../../etc/passwd", "SKN-8951"],
  ["lease take /etc/passwd", "SKN-8951"],
  ["lease take link/secret", "SKN-8951"],
  ["lease take ../*.ts", "SKN-8951"],
  ["lease take [", "SKN-15"],
  ["lease take src/{a", "SKN-15"],
  [`lease take ${"a".repeat(300)}`, "SKN-1509"],
  [`lease take ${"a".repeat(2_000)}`, "SKN-1501"],
  ["lease take loop/x", "SKN-1509"],
  ["lease check", "SKN-1003"],
  ["lease release --force", "SKN-1003"],
  ["events --since -1", "SKN-1005"],
  ["events --at 0", "SKN-1005"],
  ["events --kind nothing", "SKN-1005"],
  ["events --kind task.claimd --follow", "SKN-1005"],
  ["audit export --kind tsak", "SKN-1005"],
  ["demo --repo nowhere", "SKN-1023"],
  ["demo --repo README.txt", "SKN-1023"],
  ["demo --repo /etc", "SKN-1023"],
  ["config explain leases.minuts", "SKN-5010"],
  ["integrate --method squash", "SKN-1005"],
  ["integrate --branch nowhere", "SKN-5953"],
  ["import README.md", "SKN-1821"],
  ["export README.md", "SKN-1009"],
  ["message send", "SKN-1003"],
  ["session revoke s1", "SKN-5801"],
  ["top --count x", "SKN-1005"],
];

/** As an old editor saves it. */
const latin = twoTasks.replace("title: ", "title: Caf\u{E9} ");

let line: CommandLine;
let before = "";

beforeAll(async () => {
  line = aCommandLine({ "plan.yml": twoTasks, "README.txt": "plan" });
  mkdirSync(join(line.repository.root, "src"));
  writeFileSync(join(line.repository.root, "latin.yml"), Buffer.from(latin, "latin1"));
  symlinkSync("/etc", join(line.repository.root, "link"));
  symlinkSync("loop", join(line.repository.root, "loop"));
  await line.skein("plan import plan.yml");
  before = await stateOf(line);
});

afterAll(removeRepositories);

/** All rows of the store. */
async function stateOf({ skein }: CommandLine): Promise<string> {
  const { out } = await skein("export -");
  const exported: { readonly exported_at: number } = JSON.parse(out);
  const { exported_at: _, ...state } = exported;
  return createHash("sha256").update(JSON.stringify(state)).digest("hex");
}

const known = new Set<string>(errorCatalog.map(({ code }) => code));

describe("a plan that is wrong", () => {
  test.each(plans)(
    "%s is refused with its place, and changes nothing",
    async (...[, input, format, place]) => {
      const { code, err, out } = await line.skein(`plan import - --format ${format}`, { input });

      const said = err.slice(0, 8);
      expect([code, out], err).toEqual([2, ""]);
      expect(known.has(said), said).toBe(true);
      expect(err).toContain(place);
      expect(err).toMatch(/\n {2}Next: .{10}/u);
      expect(await stateOf(line)).toBe(before);
    },
  );

  test("makes no store where there is none", async () => {
    const { repository, skein } = aCommandLine();

    expect((await skein("plan import -", { input: "plan: [" })).code).toBe(2);
    expect(existsSync(join(repository.root, ".git/skein"))).toBe(false);
  });

  test("is told with all of its faults as JSON", async () => {
    const input = task("    minutes: soon\n    priority: urgent\n");

    const { err } = await line.skein("plan import - --format yaml --json", { input });

    const said: { readonly error: Readonly<Record<string, unknown>> } = JSON.parse(err);
    const { error } = said;
    expect(error).toMatchObject({ kind: "usage", facts: { line: 6 } });
    expect(Object.keys(error)).toEqual(
      expect.arrayContaining(["code", "message", "cause", "fix", "facts", "retry_after_ms"]),
    );
  });
});

describe("two forms at once", () => {
  test.each([
    "review --json --markdown",
    "--json review retally R1 --sarif",
    "cost --csv --json",
    "metrics --prometheus --json",
    "rules explain --json --markdown",
  ])("`skein %s` prints neither", async (words) => {
    const { code, out, err } = await line.skein(words);

    expect([code, out]).toEqual([2, ""]);
    expect(JSON.parse(err)).toMatchObject({ error: { code: "SKN-1010" } });
  });
});

describe("words that are wrong", () => {
  test.each(calls)("`skein %s` says %s, and changes nothing", async (words, expected) => {
    const files = readdirSync(line.repository.root).toSorted();

    const { code, err, out } = await line.skein(words);

    expect(code, err).toBeGreaterThan(1);
    expect(err.startsWith(expected), err).toBe(true);
    expect(known.has(err.slice(0, 8)), err).toBe(true);
    expect(err).toMatch(/\n {2}Next: .{10}/u);
    expect(out).toBe("");
    expect(err).not.toContain("    at ");
    expect(await stateOf(line)).toBe(before);
    expect(readdirSync(line.repository.root).toSorted()).toEqual(files);
  });

  test("a file that is no UTF-8 is told with its place", async () => {
    const { err } = await line.skein("plan import latin.yml");

    const [ahead] = latin.split("\u{E9}");
    const row = String(ahead?.split("\n").length);
    expect(err).toContain(`it is no UTF-8 from line ${row}, column`);
    expect(err).toContain("  Next: Save it as UTF-8, and try again.\n");
    expect(err).not.toContain("Name a file");
  });

  test.each([
    ["plan import a.yml b.yml", "skein plan import --help"],
    ["message send", "skein message send --help"],
    ["verify --seq 1", "skein verify --help"],
  ])("`skein %s` is sent to the command's own help", async (words, help) => {
    expect((await line.skein(words)).err).toContain(`\`${help}\` shows what it takes.`);
  });

  test.each(["hook", "guard"])("`skein %s` says what it is when asked", async (word) => {
    for (const words of [`${word} --help`, `${word} -h`, `help ${word}`]) {
      const { code, out, err } = await line.skein(words);

      expect([code, err]).toEqual([0, ""]);
      expect(out).toContain(`Usage: skein ${word}`);
    }
  });

  test("an import that is no JSON is told with its place", async () => {
    const { err } = await line.skein("import -", { input: '{\n  "schema_version": nope\n}\n' });

    expect(err).toMatch(/^SKN-1821 Standard input is no JSON from line 2, column \d+ on\./u);
  });

  test.each([
    ["plna list", "plan"],
    ["task lsit", "list"],
    ["review shw", "show"],
    ["task list --plann demo", "--plan"],
    ["plan show dmeo", "demo"],
    ["task show T3", "T1"],
    ["task why demo/T22", "demo/T2"],
    ["task list --status don", "done"],
    ["completion bsh", "bash"],
  ])("`skein %s` is asked whether %s was meant", async (words, meant) => {
    expect((await line.skein(words)).err).toMatch(new RegExp(`Did you mean \`?${meant}`, "u"));
  });
});
