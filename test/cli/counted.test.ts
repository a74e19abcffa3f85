import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { counted } from "../../src/cli/counted.ts";
import type { Caller } from "../../src/core/dispatch/index.ts";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";
import { aSetUp, examine, inProject } from "./doctor-patient.ts";

afterEach(removeRepositories);

const ada: Caller = {
  handle: null,
  externalId: "claude:ada",
  parentExternalId: null,
  process: null,
  client: "claude-code",
  gitDir: null,
  branch: null,
  name: "ada",
  role: null,
  skills: null,
};

async function claimOne(line: CommandLine): Promise<void> {
  await line.skein("plan import -", { input: twoTasks });
  const asked = { plan: null, task: null, waitMs: 0, key: null, signal: null };
  await inProject(line, ({ skein }) => skein.dispatch.nextTask({ caller: ada, ...asked }));
}

describe("counted", () => {
  test.each([
    [0, "0 tasks", "0 entries"],
    [1, "1 task", "1 entry"],
    [2, "2 tasks", "2 entries"],
  ])("says %i as %s and %s", (count, tasks, entries) => {
    expect(counted(count, "task")).toBe(tasks);
    expect(counted(count, "entry", "entries")).toBe(entries);
  });
});

describe("commands", () => {
  test("word no count of tasks and such by themselves", () => {
    const root = join(import.meta.dirname, "../../src/cli");
    const bare =
      /\$\{String\([^}]*\)\} (?:tasks|leases|worktrees|seats|events|messages|sessions|plans|files)\b/u;
    const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts"),
    );

    const found = files.filter((name) => bare.test(readFileSync(join(root, name), "utf8")));

    expect(files.length).toBeGreaterThan(100);
    expect(found).toEqual([]);
  });

  test("say one of a thing in the singular, and more in the plural", async () => {
    const line = aCommandLine();
    await claimOne(line);

    const revoked = await line.skein("session revoke ada --dry-run");
    const sent = await line.skein(["message", "send", "hello", "--to", "all"]);
    const archived = await line.skein("maintain");
    const canceled = await line.skein("task cancel T2 --yes");
    const ended = await line.skein("plan cancel demo --yes");

    expect(revoked.out).toContain("which holds 1 task and 1 lease.");
    expect(sent.out).toContain("goes to 1 session: ");
    expect(archived.out).toContain("Archived 0 plans, 0 tasks and 0 events.");
    expect(canceled.out).toBe("Canceled demo/T2.\n");
    expect([canceled.code, ended.out]).toEqual([0, "Plan demo is canceled with 1 task.\n"]);
  });

  test("ask in the singular about the one task that waits", async () => {
    const line = aCommandLine();
    await line.skein("plan import -", { input: twoTasks });

    const { err } = await line.skein("task cancel T1");

    expect(err).toContain("Cancel demo/T1? 1 task waits for it.");
  });

  test("say of the one worktree that it sees the board, and of several that all do", async () => {
    const line = await aSetUp();
    const worktrees = async (): Promise<string | undefined> =>
      (await examine(line)).findings.find(({ id }) => id === "worktrees")?.what;

    const alone = await worktrees();
    line.repository.git("worktree", "add", "-q", "../second");

    expect(alone).toBe("The one worktree sees this board.");
    expect(await worktrees()).toBe("All 2 worktrees see the same board.");
  });
});

describe("plan import", () => {
  test("quotes the plan, whose name may be that of any thing", async () => {
    const line = aCommandLine({ "PLAN.md": "# Work\n\n- [ ] One\n" });

    const would = await line.skein("plan import PLAN.md --dry-run");
    const done = await line.skein("plan import PLAN.md");

    expect(would.out).toContain('Would take in the plan "plan" (Work): 1 created.');
    expect(done.out).toContain('Took in the plan "plan" (Work): 1 created.');
  });
});
