import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { openProject } from "../../src/compose.ts";
import type { OpenProject } from "../../src/compose.ts";
import { keepProjectBudget } from "../../src/project-budget.ts";
import { makeTemporaryDirectory } from "../support/stores.ts";

const env = { PATH: process.env["PATH"], HOME: "/nowhere" };
const opened: OpenProject[] = [];

afterEach(async () => {
  for (const { skein } of opened.splice(0)) {
    await skein.close();
  }
});

function git(cwd: string, ...args: readonly string[]): void {
  execFileSync("git", ["-c", "user.name=ana", "-c", "user.email=ana@example.org", ...args], {
    cwd,
    stdio: "pipe",
  });
}

/** The project's limit as the ledger has it after a process took over what `skein.yml` says now. */
async function limitIn(root: string): Promise<number | null> {
  const project = await openProject({ cwd: root, env });
  opened.push(project);
  await keepProjectBudget(project, env);
  const { skein } = project;
  const budget = await skein.store.read((reader) => skein.costs.budget(reader, "project"));
  return budget?.limitMicroUsd ?? null;
}

test("the project's budget is the committed one, whatever a worktree says", async () => {
  const root = makeTemporaryDirectory();
  const file = join(root, "skein.yml");
  git(root, "init", "--quiet", "--initial-branch", "main");
  writeFileSync(file, "budget_usd: 5\n");

  const uncommitted = await limitIn(root);
  git(root, "add", "skein.yml");
  git(root, "commit", "--quiet", "--message", "set a budget");
  const committed = await limitIn(root);
  writeFileSync(file, "budget_usd: 500\n");
  const loosened = await limitIn(root);
  writeFileSync(file, "leases: { minutes: 30 }\n");
  git(root, "commit", "--quiet", "--all", "--message", "no budget");
  const gone = await limitIn(root);

  expect([uncommitted, committed, loosened, gone]).toEqual([null, 5_000_000, 5_000_000, null]);
});

test("the limit of retries is the committed one, and nothing is written where it is the usual one", async () => {
  const root = makeTemporaryDirectory();
  const file = join(root, "skein.yml");
  git(root, "init", "--quiet", "--initial-branch", "main");
  writeFileSync(file, "budgets: { retry_usd: 9 }\n");
  await limitIn(root);
  const uncommitted = await retriesIn(root);
  git(root, "add", "skein.yml");
  git(root, "commit", "--quiet", "--message", "limit retries");
  await limitIn(root);

  expect([uncommitted, await retriesIn(root)]).toEqual([null, 9_000_000]);
});

async function retriesIn(root: string): Promise<number | null> {
  const project = await openProject({ cwd: root, env });
  opened.push(project);
  const { store, costs } = project.skein;
  return (await store.read((reader) => costs.budget(reader, "retries")))?.limitMicroUsd ?? null;
}

test("how many tasks of a plan may be in work at once is what the committed profile says, whatever a worktree or a variable says", async () => {
  const root = makeTemporaryDirectory();
  const file = join(root, "skein.yml");
  git(root, "init", "--quiet", "--initial-branch", "main");
  const limitOf = async (more: Readonly<Record<string, string>> = {}) => {
    const project = await openProject({ cwd: root, env: { ...env, ...more } });
    opened.push(project);
    await keepProjectBudget(project, { ...env, ...more });
    const { skein } = project;
    return skein.store.read((reader) => skein.plans.parallelLimit(reader));
  };
  writeFileSync(file, "profile: staging\n");

  const uncommitted = await limitOf();
  git(root, "add", "skein.yml");
  git(root, "commit", "--quiet", "--message", "choose a profile");
  const committed = await limitOf();
  const again = await limitOf();
  writeFileSync(file, "profile: production\n");
  const loosened = [await limitOf(), await limitOf({ SKEIN_PROFILE: "production" })];
  writeFileSync(file, "leases: { minutes: 30 }\n");
  git(root, "commit", "--quiet", "--all", "--message", "no profile");
  const gone = await limitOf();

  const five = { most: 5, because: "the profile staging" };
  expect([uncommitted, committed, again, ...loosened, gone]).toEqual([
    null,
    five,
    five,
    five,
    five,
    null,
  ]);
  const { skein } = await openProject({ cwd: root, env });
  const events = await skein.store.read((reader) => skein.events.after(reader, 0, 100));
  await skein.close();
  expect(events.filter(({ kind }) => kind === "plan.limited").map(({ data }) => data)).toEqual([
    { most: 5, because: "the profile staging" },
    { most: null, because: null },
  ]);
});
