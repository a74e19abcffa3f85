import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withoutColors } from "../../src/cli/io.ts";
import { painter } from "../../src/cli/output.ts";
import { visibleText } from "../../src/cli/visible.ts";
import { terminalLines } from "../../src/core/review/index.ts";
import { createCoordinatedRepository, plainEnv } from "../support/coordinated-repository.ts";
import { aFinding, aResult } from "../support/review.ts";

/** Clears the screen, sets the title, makes a link, begins a sequence with one byte, turns the writing, hides letters. */
const attacks = [
  "\u001B[2J\u001B[H",
  "\u001B]0;owned\u0007",
  "\u001B]8;;http://evil.example\u001B\\here\u001B]8;;\u001B\\",
  "\u009B31m",
  "\u001B[8m",
  "\r",
  "\b\b\b",
  "\u202Egpj.exe",
  "\u2066",
  "\u200B",
  "\u2028",
  "\u{E0041}",
];

const unseen = /(?![\n\t])[\p{Cc}\p{Cf}\u{2028}]/u;

describe("visibleText", () => {
  test.each(attacks)("takes the power out of %j and shows that it was there", (attack) => {
    const shown = visibleText(`a${attack}b`);

    expect(shown).not.toMatch(unseen);
    expect(shown).toContain(String.raw`\u`);
  });

  test("leaves the meaning of JSON as it is", () => {
    const data = { text: attacks.join("") };

    expect(JSON.parse(visibleText(JSON.stringify(data, null, 2)))).toEqual(data);
  });

  test("leaves plain text, line ends, tabs and Skein's own colours alone", () => {
    const paint = painter(true);
    const text = `${paint.red("a")}\t${paint.bold("é")}\n${paint.dim("日本")} ${paint.green("🙂")}${paint.yellow("!")}`;

    expect(visibleText(text)).toBe(text);
  });

  test("leaves the colours of a review alone", () => {
    const lines = terminalLines(aResult({ findings: [aFinding()] }), { hasColour: true }).join(
      "\n",
    );

    expect(lines).toContain("\u001B[");
    expect(visibleText(lines)).toBe(lines);
  });
});

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const guardMain = fileURLToPath(new URL("../../src/cli/guard/main.ts", import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-terminal-"));
  spawnSync("git", ["init", "--quiet"], { cwd: folder });
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function shownBy(...words: readonly (string | Readonly<Record<string, string>>)[]): string {
  const args = words.filter((word) => typeof word === "string");
  const env = words.filter((word) => typeof word !== "string");
  const { stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: Object.assign({}, plainEnv, ...env),
  });
  return stdout + stderr;
}

/** T1: hostile words in what people look at. */
describe("the command line", () => {
  test.each([
    ["an unknown command", ["\u001B[2Jx"]],
    ["an unknown option", ["status", "--\u001B[2Jx"]],
    ["a file that is not there", ["plan", "import", "\u009B2J\u202E.yml"]],
  ])("drives no terminal with the name of %s", (_, args) => {
    const shown = shownBy(...args);

    expect(shown).toContain("SKN-");
    expect(shown).not.toMatch(unseen);
  });

  test("drives no terminal with the faults of a hostile plan", () => {
    const title = JSON.stringify("\u009B2J\u202E\u001B]0;x\u0007\r\n");
    writeFileSync(
      join(folder, "plan.yml"),
      `plan: p\ntitle: t\ntasks:\n  - id: T1\n    title: ${title}\n    files: [a]\n`,
    );

    const shown = shownBy("plan", "import", "plan.yml");

    expect(shown).toContain("SKN-14");
    expect(shown).not.toMatch(unseen);
  });

  test.each([
    ["without colours", "", "doctor"],
    ["without colours, in an error", "", "review"],
    ["with colours, in an error", "1", "review"],
  ])("lets a hostile `skein.yml` colour nothing: %s", (...[, wanted, command]) => {
    writeFileSync(join(folder, "skein.yml"), '"\\e[32mpass\\e[0m": 1\n');

    const shown = shownBy({ FORCE_COLOR: wanted }, command);

    expect(shown).toContain(String.raw`\u001b[32mpass`);
    expect(shown).not.toContain("\u001B[32mpass");
  });

  test("lets a hostile `skein.yml` write no line of an error", () => {
    writeFileSync(join(folder, "skein.yml"), '"x\\n  Next: Run `evil`.\\n": 1\n');

    const shown = shownBy("review");

    expect(shown).toContain("SKN-2002");
    expect(shown).toContain(String.raw`x\n  Next: Run`);
    expect(shown).not.toMatch(/^\s*Next: Run `evil`/mu);
  });

  test("lets a hostile `skein.yml` colour nothing of a bug's trace", () => {
    writeFileSync(join(folder, "skein.yml"), '"\\e[32mpass\\e[0m": 1\n');

    const shown = shownBy({ FORCE_COLOR: "1" }, "review", "--debug");

    expect(shown).toMatch(/\n\s+at /u);
    expect(shown).not.toContain("\u001B[32mpass");
  });

  test("lets a hostile `skein.yml` colour nothing of the guard, and write no line of it", async () => {
    const repository = await createCoordinatedRepository();
    repository.write("skein.yml", '"\\e[32mpass\\e[0m\\n  Next: Run `evil`.": 1\n');
    const { root } = repository;

    const { stderr } = spawnSync(process.execPath, [guardMain, "guard", "pre-commit"], {
      cwd: root,
      encoding: "utf8",
      env: { ...plainEnv, FORCE_COLOR: "1" },
    });
    await repository.remove();

    expect(stderr).toContain(String.raw`\u001b[32mpass`);
    expect(stderr).not.toContain("\u001B[32mpass");
    expect(stderr).not.toMatch(/^\s*Next: Run `evil`/mu);
  });

  test("asks nothing in the colours of others where none are wanted", async () => {
    const asked: string[] = [];
    const { signal } = new AbortController();
    const io = withoutColors({
      cwd: folder,
      env: {},
      isInteractive: true,
      isTerminal: true,
      write: () => undefined,
      draw: () => undefined,
      warn: () => undefined,
      readInput: async () => Promise.resolve(""),
      ask: async (question) => Promise.resolve(String(asked.push(question))),
      signal,
    });

    await io.ask("Remove \u001B[32mall\u001B[39m?");

    expect(asked).toEqual([String.raw`Remove \u001b[32mall\u001b[39m?`]);
  });

  test("drives no terminal with the files that `init` shows before it asks", () => {
    mkdirSync(join(folder, ".codex"));
    writeFileSync(join(folder, ".codex/config.toml"), "# \u009B2J\u202E\n");
    writeFileSync(join(folder, ".codex/hooks.json"), "{ // \u009B2J\u202E\u001B]0;x\u0007\n}\n");

    const shown = shownBy("init", "--dry-run", "--agents", "codex");

    expect(shown.split(String.raw`\u009b2J\u202e`)).toHaveLength(3);
    expect(shown).toContain(String.raw`\u001b]0;x\u0007`);
    expect(shown).not.toMatch(unseen);
  });

  test("drives no terminal with what is wrong in such a file", () => {
    mkdirSync(join(folder, ".codex"));
    writeFileSync(join(folder, ".codex/config.toml"), "# \u009B2J\u202E\u001B]0;x\u0007\n");

    const shown = shownBy("init", "--dry-run", "--agents", "codex");

    expect(shown).toContain("SKN-2094");
    expect(shown).not.toMatch(unseen);
  });

  test("drives no terminal with the place that a hostile link leads to", () => {
    symlinkSync("/tmp/\u001B[2Jx", join(folder, ".mcp.json"));

    expect(shownBy("init", "--yes", "--agents", "claude")).not.toMatch(unseen);
  });
});
