import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createGit } from "../../adapters/git/index.ts";
import { openProject } from "../../compose.ts";
import type { OpenProject } from "../../compose.ts";
import type { Attempt, Task } from "../../core/plans/index.ts";
import { applyChanges } from "../init/apply.ts";
import { findHookPlace, guardChanges } from "../init/git-hooks.ts";
import { emptyRecord } from "../init/record.ts";
import { findLostEdits } from "./measure.ts";
import type { RunResult } from "./measure.ts";
import { demoEnv } from "./processes.ts";
import { editsIn } from "./run.ts";
import type { RunOptions } from "./run.ts";
import { createQueue } from "./queue.ts";
import { packageRoot } from "./scratch.ts";
import { runTeam } from "./team.ts";
import { makeWorktrees } from "./worktrees.ts";

/** The same work under Skein: the plan in its store, agents over MCP, the edit hook, the guard, and integration as work comes in. */
export async function runWith(options: RunOptions): Promise<RunResult> {
  const { scratch } = options;
  const folder = join(scratch.folder, "with");
  mkdirSync(folder);
  const repository = join(folder, "repository");
  const place = await makeWorktrees(scratch.source, repository, { ...options, folder });
  const project = await openProject({ cwd: repository, env: demoEnv(options.env, "skein") });
  try {
    const bin = join(packageRoot, "bin/skein.js");
    await installGuard(project, bin, options);
    await project.skein.dispatch.importPlan(scratch.plan, { actor: "person:demo" });
    const landing = createQueue(() => landAll(project, options.signal));
    const startedAt = performance.now();
    const team = await runTeam({
      ...options,
      landing,
      edits: editsIn(scratch.work),
      folder,
      jobOf: (name) => ({
        mode: "with",
        name,
        worktree: place(name),
        origin: repository,
        bin,
        seed: options.seed,
        work: scratch.work,
      }),
      onReport: (name, report) => {
        options.progress(name, report);
        if (report.kind === "handed-in") {
          landing.add(null);
        }
      },
    });
    await landing.idle();
    const wallMs = Math.round(landing.lastAtMs() - startedAt);
    const counted = await countWork(project, options);
    return {
      ...counted,
      killed_agents: team.killed,
      wall_ms: wallMs,
      coordination_ms_per_task: Math.round(team.coordinationMs / Math.max(1, counted.tasks_done)),
    };
  } finally {
    await project.skein.close();
  }
}

async function installGuard(
  { repository }: OpenProject,
  bin: string,
  { env }: RunOptions,
): Promise<void> {
  const git = createGit({ cwd: repository.root, env: demoEnv(env, "skein") });
  const hooks = await findHookPlace(git, repository);
  const launch = { kind: "absolute", node: process.execPath, bin } as const;
  applyChanges(guardChanges(hooks, launch), emptyRecord);
}

async function landAll({ skein }: OpenProject, signal: AbortSignal): Promise<void> {
  await skein.integration.integrate({
    branch: "main",
    method: "rebase",
    plan: null,
    task: null,
    checks: [],
    by: "person:demo",
    signal,
  });
}

type Counted = Pick<
  RunResult,
  "tasks_done" | "duplicated_tasks" | "merge_conflicts" | "lost_edits"
>;

async function countWork(
  { skein, repository }: OpenProject,
  { scratch, env }: RunOptions,
): Promise<Counted> {
  const { tasks, attempts } = await skein.store.read(async (reader) => ({
    tasks: await skein.plans.listTasks(reader, { plan: scratch.plan.id }),
    attempts: await skein.plans.attemptsOfPlan(reader, scratch.plan.id),
  }));
  const doneIds = new Set(
    tasks.filter((task) => isDone(task) && !task.isContainer).map(({ id }) => id),
  );
  const done = scratch.work.filter(({ id }) => doneIds.has(id));
  const all = [...attempts.values()];
  return {
    tasks_done: done.length,
    duplicated_tasks: all.filter((each) => each.filter(isHandedIn).length > 1).length,
    merge_conflicts: all.flat().filter(({ cause }) => cause === "git_conflict").length,
    lost_edits: (await findLostEdits(repository.root, done, env)).length,
  };
}

function isDone({ status }: Task): boolean {
  return status === "done";
}

/** Work that was sent back ends as a failed attempt. */
function isHandedIn({ outcome }: Attempt): boolean {
  return outcome === "submitted";
}
