import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openProject } from "../../src/compose.ts";
import { boardLines } from "../../src/cli/board-lines.ts";
import { readBoard } from "../../src/cli/board.ts";
import { servedLine } from "../../src/cli/serve/served-line.ts";
import { clip } from "../../src/cli/views.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { ada } from "./ada.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";

afterAll(removeRepositories);

const checklist = "# Rework the checkout\n\n- [ ] T1: Extract the price rules\n";

async function asking(options: readonly string[]): Promise<CommandLine> {
  const line = aCommandLine({ "one.yml": twoTasks });
  await line.skein("plan import one.yml");
  const { skein } = await openProject({ cwd: line.repository.root, env: testEnv });
  await skein.dispatch.nextTask({
    caller: ada,
    plan: null,
    task: null,
    waitMs: 0,
    key: null,
    signal: null,
  });
  await skein.store.write((tx) =>
    skein.approvals.ask(tx, {
      session: "s1",
      plan: null,
      task: null,
      question: "Round up?",
      options,
      deadlineInMs: null,
    }),
  );
  await skein.close();
  return line;
}

describe("a word of no command", () => {
  test.each([
    ["why T1", "Did you mean `skein task why`?"],
    ["pause checkout", "Did you mean `skein plan pause`?"],
    ["retry T1", "Did you mean `skein task retry`?"],
    ["show T1", "Did you mean `skein plan show`, `skein task show` or `skein review show`?"],
    ["stauts", "Did you mean `status`?"],
  ])("`skein %s` is answered with the command that holds it", async (words, next) => {
    const { code, err } = await aCommandLine().skein(words);

    expect([code, err.slice(0, 8)]).toEqual([2, "SKN-1001"]);
    expect(err).toContain(`Next: ${next}`);
  });

  test.each(["help nope", "nope --help", "nope -h", "help plan nope", "plan nope --help"])(
    "`skein %s` shows no other command's words as if they were its own",
    async (words) => {
      const { code, err, out } = await aCommandLine().skein(words);

      expect([code, err.slice(0, 8), out]).toEqual([2, "SKN-1001", ""]);
    },
  );

  test.each(["help", "help plan", "help plan import", "plan --help", "review --help", "hook x -h"])(
    "`skein %s` is as it was",
    async (words) => {
      expect((await aCommandLine().skein(words)).err).not.toContain("SKN-1001");
    },
  );
});

describe("approve", () => {
  test("says in a dry run what the real run would refuse", async () => {
    const line = await asking(["yes", "no"]);

    const tried = await line.skein("approve A1 --answer maybe --dry-run");

    expect([tried.code, tried.err.slice(0, 8)]).toEqual([2, "SKN-1607"]);
    expect((await line.skein("approve A1 --answer YES --dry-run")).out).toContain('A1 with "yes"');
  });

  test("writes each answer as a line that a shell runs as it stands", async () => {
    const line = await asking(["yes", "no; rm x"]);

    const { out } = await line.skein("approve");

    expect(out.trimEnd().split("\n").slice(1)).toEqual([
      "    skein approve A1 --answer yes",
      "    skein approve A1 --answer 'no; rm x'",
    ]);
  });

  test("tells the deadline as leases tell theirs", async () => {
    const { out } = await (await asking([])).skein("approve");

    expect(out).toMatch(/^A1 s1 asks, until (?:\d{4}-\d\d-\d\d )?\d\d:\d\d UTC: Round up\?$/mu);
  });
});

describe("a plan that was taken in", () => {
  test("is told by its title beside the id that its file's name gave", async () => {
    const line = aCommandLine({ "PLAN.md": checklist });

    const { out } = await line.skein("plan import PLAN.md");

    expect(out).toBe('Took in the plan "plan" (Rework the checkout): 1 created.\n');
  });

  test("stands with its title on the board, as far as there is room", async () => {
    const line = aCommandLine({ "PLAN.md": checklist, "one.yml": twoTasks });
    await line.skein("plan import PLAN.md");
    const { skein } = await openProject({ cwd: line.repository.root, env: testEnv });
    const board = await readBoard(skein);
    await skein.close();
    const rowAt = (columns: number | null): string =>
      boardLines(board, [], { hasColor: false, most: 8, columns })[3] ?? "";

    expect(rowAt(null)).toMatch(/^plan +active .* 0 +Rework the checkout$/u);
    expect(rowAt(200)).toBe(rowAt(null));
    expect(rowAt(88)).toMatch(/ 0 +Rework.*\u{2026}$/u);
    expect(rowAt(88).length).toBeLessThanOrEqual(88);
    expect(rowAt(74)).toMatch(/^plan +active .* 0$/u);
  });
});

test("a text that is cut says so, also where a space stands at the cut", () => {
  expect(clip("abcd efgh", 4)).toBe("abc\u{2026}");
  expect(clip("abcd \u{1F600}", 4)).toBe("abc\u{2026}");
  expect(clip("abcd", 4)).toBe("abcd");
  expect(clip("abcd  ", 4)).toBe("abcd");
});

describe("init", () => {
  const advice = "Leave these files out of commits";

  test("says that files with paths of this machine belong in no commit, where it did not make them", async () => {
    const line = aCommandLine({ ".mcp.json": "{}\n" });
    line.repository.write({ ".claude/settings.json": "{}\n" });

    const first = await line.skein("init --agents claude,cursor --yes");
    const again = await line.skein("init --agents claude,cursor --yes");

    expect(first.err).toContain(
      `${advice}, as they name paths of this machine: .mcp.json, .claude/settings.json. Commit the files of your work by name, without \`git add -A\`; or \`skein init --portable\` writes them for everybody.`,
    );
    expect(again.err).not.toContain(advice);
  });

  test("says that git passes over those that it made, and shows where that is written", async () => {
    const line = aCommandLine();

    const { out, err } = await line.skein("init --agents claude --yes");

    expect(out).toContain("+/.claude/settings.json\n+/.mcp.json\n");
    expect(err).toContain(
      "Git passes over the files that `skein init` made, in all worktrees: they stand in .git/info/exclude. To commit them, run `skein init --portable`",
    );
    expect(err).not.toContain(advice);
  });

  test("says how files for everybody are committed that another worktree has for itself", async () => {
    const line = aCommandLine({ "node_modules/skein/bin/skein.js": "process.exit(1);\n" });
    const cwd = join(line.repository.root, "../ada");
    line.repository.git("worktree", "add", "-q", "-b", "ada", cwd);
    await line.skein("init --agents claude --yes", { cwd });
    // An `npx` that starts no Skein: the files are what counts.
    const { err } = await line.skein("init --agents claude --yes --portable");

    expect(err).toContain(
      "Other worktrees have files of their own of these names, so .git/info/exclude goes on to name them: commit them with `git add --force .mcp.json .claude/settings.json`.",
    );
  });

  test.each(["init --agents claude --yes --portable", "init --agents none --yes"])(
    "does not say so after `skein %s`, which writes none",
    async (words) => {
      const line = aCommandLine({ "node_modules/skein/bin/skein.js": "process.exit(1);\n" });

      expect((await line.skein(words)).err).not.toContain(advice);
    },
  );
});

describe("serve", () => {
  const at = { url: "http://127.0.0.1:7433", store: "postgres://db/skein" };

  test("tells what is served, and how a first project is made", () => {
    expect(servedLine({ ...at, projects: ["shop", "site"] }, null)).toBe(
      "Skein serves shop, site of postgres://db/skein at http://127.0.0.1:7433.",
    );
    expect(servedLine({ ...at, projects: [] }, null)).toBe(
      "Skein serves postgres://db/skein at http://127.0.0.1:7433. It has no project yet: `skein project add NAME` makes one.",
    );
    expect(servedLine({ ...at, projects: [] }, "shop")).toContain("`skein project add shop`");
  });
});

test("a token that others can read is not said to be nowhere", async () => {
  const line = aCommandLine();
  const file = join(line.repository.root, "token");
  writeFileSync(file, "skein_shop_t1_x\n");
  chmodSync(file, 0o644);

  const { code, err } = await line.skein("status", {
    env: { SKEIN_URL: "http://127.0.0.1:9/p/shop", SKEIN_TOKEN_FILE: file },
  });

  expect([code, err.slice(0, 8)]).toEqual([3, "SKN-2921"]);
  expect(err).toContain(
    "Why:  What its reference names is not there, is no token, or others can read it.",
  );
});
