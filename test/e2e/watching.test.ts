import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { openProject } from "../../src/compose.ts";
import type { OpenProject } from "../../src/compose.ts";
import { aRepository, removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import type { TestRepository } from "../adapters/git/repositories.ts";
import { aCaller, aTask, finish, next } from "../support/coordination.ts";
import { skeinBin } from "../support/mcp-process.ts";

/** A command that goes on until it is told to stop. */
interface Watcher {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly out: () => string;
  readonly err: () => string;
}

const running: ChildProcess[] = [];
let project: OpenProject | null = null;
afterEach(async () => {
  for (const child of running.splice(0)) {
    child.kill("SIGKILL");
  }
  await project?.skein.close();
  project = null;
  removeRepositories();
});

function started(command: string, args: readonly string[], cwd: string): Watcher {
  const env = { ...testEnv, TERM: "xterm", SHELL: "/bin/sh" };
  const child = spawn(command, args, { cwd, env });
  running.push(child);
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on("data", (chunk) => out.push(String(chunk)));
  child.stderr.on("data", (chunk) => err.push(String(chunk)));
  const exited = new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  return { child, exited, out: () => out.join(""), err: () => err.join("") };
}

const skein = (repository: TestRepository, ...words: readonly string[]): Watcher =>
  started(process.execPath, [skeinBin, ...words], repository.root);

/** Waits as long as it takes: the test's own limit ends what hangs. */
async function until(isThere: () => boolean): Promise<void> {
  await vi.waitUntil(isThere, { timeout: 240_000, interval: 50 });
}

async function aProject(
  tasks: number,
): Promise<{ readonly repository: TestRepository; readonly own: OpenProject }> {
  const repository = aRepository({ "README.md": "hello\n" });
  const own = await openProject({ cwd: repository.root, env: testEnv });
  project = own;
  const numbers = Array.from({ length: tasks }, (_, index) => index + 1);
  await own.skein.dispatch.importPlan(
    {
      id: "demo",
      title: "Demo",
      verify: "merge",
      budgetMicroUsd: null,
      tasks: numbers.map((number) =>
        aTask(`T${String(number)}`, { files: [`src/${String(number)}.ts`] }),
      ),
    },
    { actor: "person:ana" },
  );
  return { repository, own };
}

/** An agent takes a task and hands in a commit for it. */
async function handIn(own: OpenProject, repository: TestRepository, agent: string): Promise<void> {
  const { dispatch } = own.skein;
  const caller = aCaller(agent);
  const { claim } = await dispatch.nextTask(next(caller));
  const id = claim?.task.id ?? "";
  const commit = repository.commitOn(`work-${id}`, { [`src/${id.slice(1)}.ts`]: `${id}\n` });
  await dispatch.finishTask(finish(caller, { task: id, fence: claim?.fence ?? 0 }, { commit }));
}

/** What a watcher has landed, by the task's name. */
function landedBy({ out }: Watcher): readonly string[] {
  return out()
    .split("\n")
    .slice(0, -1)
    .map((line): { readonly task: string; readonly result: string } => JSON.parse(line))
    .filter(({ result }) => result === "integrated")
    .map(({ task }) => task);
}

describe("skein integrate --watch", () => {
  test("lands each task once where several watch, and goes on when one of them is killed", async () => {
    const { repository, own } = await aProject(8);
    const watchers = [1, 2, 3].map(() => skein(repository, "integrate", "--watch", "--json"));
    const landed = (): readonly string[] => watchers.flatMap(landedBy);

    for (let task = 0; task < 4; task += 1) {
      await handIn(own, repository, `agent-${String(task)}`);
    }
    await until(() => landed().length >= 4);
    const victim = watchers.find((watcher) => landedBy(watcher).length > 0);
    victim?.child.kill("SIGKILL");
    await victim?.exited;
    for (let task = 4; task < 8; task += 1) {
      await handIn(own, repository, `agent-${String(task)}`);
    }
    await until(() => landed().length >= 8);
    const left = watchers.filter((watcher) => watcher !== victim);
    for (const { child } of left) {
      child.kill("SIGINT");
    }
    const codes = await Promise.all(left.map(async ({ exited }) => exited));

    const names = Array.from({ length: 8 }, (_, index) => `demo/T${String(index + 1)}`);
    const files = repository.git("ls-tree", "-r", "--name-only", "main", "src").split("\n");
    const changes = repository.git("log", "--format=%H", "main", "--", "src").split("\n");
    const { violations } = await own.skein.upkeep.verify();
    expect(landed().toSorted()).toEqual(names);
    expect(files).toHaveLength(8);
    expect(changes).toHaveLength(8);
    expect(codes).toEqual([130, 130]);
    expect(left.map(({ err }) => err())).toEqual(["", ""]);
    expect(violations).toEqual([]);
  });
});

describe("skein integrate --watch over work of another clone", () => {
  test("says once that its commit is not here, and lands it when it is", async () => {
    const { repository, own } = await aProject(2);
    const other = aRepository({ "README.md": "hello\n" });
    const commit = other.commitOn("elsewhere", { "src/1.ts": "T1\n" });
    const { claim } = await own.skein.dispatch.nextTask(next(aCaller("ada")));
    const held = { task: claim?.task.id ?? "", fence: claim?.fence ?? 0 };
    await own.skein.dispatch.finishTask(finish(aCaller("ada"), held, { commit }));
    const watcher = skein(repository, "integrate", "--watch");

    await until(() => watcher.out().includes("demo/T1 is skipped"));
    await handIn(own, repository, "bob");
    await until(() => watcher.out().includes("demo/T2 landed"));
    expect(watcher.out()).toContain(`This repository does not have ${commit}`);
    expect(watcher.out().split("is skipped")).toHaveLength(2);

    repository.git("fetch", "-q", other.root, "elsewhere");
    await until(() => watcher.out().includes("demo/T1 landed"));
  });
});

describe("skein top", () => {
  test("prints the board again when it changes, as NDJSON, until Ctrl-C ends it with 130", async () => {
    const { repository, own } = await aProject(1);
    const watcher = skein(repository, "top", "--json");

    await until(() => watcher.out().includes("\n"));
    expect(watcher.out()).not.toContain("paused");
    await own.skein.dispatch.pausePlan("demo", { actor: "person:ana", reason: "lunch" });
    await until(() => watcher.out().includes("paused"));
    watcher.child.kill("SIGINT");

    const code = await watcher.exited;
    const boards = watcher
      .out()
      .trim()
      .split("\n")
      .map((line): { readonly schema_version: number } => JSON.parse(line));
    expect(code).toBe(130);
    expect(boards.length).toBeGreaterThan(1);
    expect(new Set(boards.map((board) => board.schema_version))).toEqual(new Set([1]));
    expect(watcher.err()).toBe("");
  });

  test.skipIf(!existsSync("/usr/bin/script") || process.platform !== "linux")(
    "draws on a terminal's other screen, again when the board changes, and leaves it at q",
    async () => {
      const { repository, own } = await aProject(1);
      const command = `"${process.execPath}" "${skeinBin}" top`;
      const watcher = started("script", ["-qefc", command, "/dev/null"], repository.root);

      await until(() => watcher.out().includes("q ends this"));
      expect(watcher.out()).not.toContain("paused");
      await own.skein.dispatch.pausePlan("demo", { actor: "person:ana", reason: "lunch" });
      await until(() => watcher.out().includes("paused"));
      watcher.child.stdin?.write("q");

      const code = await watcher.exited;
      const drawn = watcher.out();
      expect(code).toBe(0);
      expect(drawn.startsWith("\u{1b}[?1049h")).toBe(true);
      expect(drawn.endsWith("\u{1b}[?25h\u{1b}[?1049l")).toBe(true);
      // Lines wider than the terminal are cut while it draws, and wrapped again afterwards.
      expect(drawn.split("\u{1b}[H")[0]).toContain("\u{1b}[?7l");
      expect(drawn.split("\u{1b}[H").at(-1)).toContain("\u{1b}[?7h");
      // Each view after the first begins at the top of the same screen.
      expect(drawn.split("\u{1b}[H").length).toBeGreaterThan(2);
    },
  );
});
