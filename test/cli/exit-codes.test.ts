import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catalog } from "../../src/cli/catalog.ts";
import { exitCodes } from "../../src/cli/exit.ts";
import { aRepository, removeRepositories } from "../adapters/git/repositories.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";

let line: CommandLine;

beforeAll(async () => {
  line = aCommandLine({ "plan.yml": twoTasks });
  await line.skein("plan import plan.yml");
});

afterAll(removeRepositories);

describe("exit codes", () => {
  test("are those that the documentation names", () => {
    expect(exitCodes).toEqual({
      failed: 1,
      usage: 2,
      config: 3,
      auth: 4,
      conflict: 5,
      missing: 6,
      budget: 7,
      unavailable: 8,
      unsafe: 9,
      timeout: 10,
    });
  });

  test.each([
    ["plan list", 0],
    ["plan show", 0],
    ["plan show demo", 0],
    ["plan show nowhere", 6],
    ["plan export demo", 0],
    ["plan export nowhere", 6],
    ["plan import missing.yml", 2],
    ["plan pause demo --dry-run", 0],
    ["plan resume demo", 5],
    ["plan pause nowhere", 6],
    ["plan cancel demo", 2],
    ["plan cancel demo --dry-run", 0],
    ["task list", 0],
    ["task list --plan nowhere", 6],
    ["task list --session s99", 6],
    ["task show T1", 0],
    ["task show T9", 6],
    ["task why T2", 0],
    ["task why T9", 6],
    ["task retry T1", 5],
    ["task cancel T1", 2],
    ["task cancel T9 --yes", 6],
    ["task release T1 --reason x --yes", 5],
    ["task release T1", 2],
    ["task reassign T1 --to s9 --reason x", 6],
    ["task verify T1", 5],
    ["lease list", 0],
    ["lease check README.md", 0],
    ["lease check ../outside", 9],
    ["lease take ../outside", 9],
    ["lease release L99", 6],
    ["session list", 0],
    ["session revoke s99 --reason x --yes", 6],
    ["message list", 0],
    ["message send hi --to s99", 6],
    ["approve", 0],
    ["approve A1 --answer yes", 6],
    ["events", 0],
    ["events --at 1", 0],
    ["status", 0],
    ["config explain", 0],
    ["config explain nothing", 6],
    ["events --kind nothing", 2],
    ["demo --repo nowhere", 2],
    ["top --count 1", 0],
    ["verify", 0],
    ["export -", 0],
    ["integrate", 0],
    ["integrate --task T9", 6],
    ["explain", 0],
    ["explain SKN-4401", 0],
    ["explain SKN-9999", 6],
    ["completion zsh", 0],
    ["completion tcsh", 2],
    ["complete ta", 0],
    ["maintain", 0],
    ["guard nonsense", 2],
    ["rules explain", 0],
    ["rules explain nowhere", 6],
    ["rules explain one two", 2],
    ["github publish", 6],
    ["github publish --local", 0],
    ["--help", 0],
    ["plan --help", 0],
    ["help", 0],
    ["help plan", 0],
    ["help plan import", 0],
    ["--version", 0],
  ])("`skein %s` ends with %i", async (words, code) => {
    const outcome = await line.skein(words);

    expect(outcome.code, outcome.err).toBe(code);
    expect(outcome.err.startsWith("SKN-")).toBe(code !== 0);
  });

  test("a read command makes no store where there is none", async () => {
    const { repository, skein } = aCommandLine();

    const { code, err } = await skein("status");

    expect([code, err.slice(0, 8)]).toEqual([6, "SKN-5002"]);
    expect(existsSync(join(repository.root, ".git/skein"))).toBe(false);
  });

  test("a folder without a repository is named", async () => {
    const { code, err } = await line.skein("status", { cwd: "/" });

    expect([code, err.slice(0, 8)]).toEqual([6, "SKN-5951"]);
    expect(err).toContain("SKEIN_DATABASE_URL");
  });

  test("a repository without a commit is told to commit first", async () => {
    const { root } = aRepository({});
    const init = await line.skein("plan import -", { cwd: root, input: twoTasks });

    const outcomes = [
      await line.skein("integrate", { cwd: root }),
      await line.skein("integrate --branch main", { cwd: root }),
    ];

    expect(init.code).toBe(0);
    for (const { code, err } of outcomes) {
      expect([code, err.slice(0, 8)]).toEqual([6, "SKN-5953"]);
      expect(err).toContain("has no branch yet, since nothing was committed.");
      expect(err).toContain("Next: Commit first");
    }
  });

  test("a session that the environment names and that is not there is refused", async () => {
    const { code, err } = await line.skein("plan pause demo", {
      env: { SKEIN_SESSION: "0000000000000000000000000a" },
    });

    expect([code, err.slice(0, 6)]).toEqual([4, "SKN-33"]);
  });

  test("a settings file that is wrong ends with 3 and names the place", async () => {
    const odd = aCommandLine({ "skein.yml": "leases:\n  minuts: 3\n", "plan.yml": twoTasks });

    const { code, err } = await odd.skein("plan import plan.yml");

    expect(code).toBe(3);
    expect(err).toContain("skein.yml, line 2, column 3");
  });

  test("all that is wrong with a settings file is told in one call", async () => {
    const text = "leases:\n  minuts: 3\nreview: { seats: 21 }\n";
    const odd = aCommandLine({ "skein.yml": text, "plan.yml": twoTasks });

    const words = await odd.skein("plan import plan.yml");
    const json = await odd.skein("plan import plan.yml --json");

    expect([words.code, json.code]).toEqual([3, 3]);
    expect(words.err).toContain(
      "Also: 3:18 `review.seats` takes a whole number from 1 to 20, not 21.",
    );
    expect(JSON.parse(json.err)).toMatchObject({
      error: {
        code: "SKN-2002",
        facts: {
          line: 2,
          column: 3,
          error_count: 2,
          errors: [{ line: 2 }, { code: "SKN-2003", line: 3, column: 18 }],
        },
      },
    });
  });
});

describe("the catalogue of commands", () => {
  test("gives every command help with its words", async () => {
    for (const { name, summary, isRaw } of catalog) {
      const { code, out } =
        isRaw === true ? { code: 0, out: summary } : await line.skein(`${name} --help`);

      expect([code, out.replaceAll(/\s+/gu, " ")], name).toEqual([
        0,
        expect.stringContaining(summary.replaceAll(/\s+/gu, " ")),
      ]);
    }
  });

  test("loads the code of every command", async () => {
    for (const { name, load } of catalog.filter((spec) => spec.name !== "hook")) {
      expect(typeof (await load()), name).toBe("function");
    }
  });
});
