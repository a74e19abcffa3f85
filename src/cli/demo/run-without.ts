import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createWorkspace } from "../../adapters/git/index.ts";
import { checklistFile } from "./checklist-board.ts";
import { readMarks, writeChecklist } from "./checklist.ts";
import { findLostEdits } from "./measure.ts";
import type { RunResult } from "./measure.ts";
import { createDemoGit, demoEnv } from "./processes.ts";
import type { DemoGit } from "./processes.ts";
import { createQueue } from "./queue.ts";
import { editsIn } from "./run.ts";
import type { RunOptions } from "./run.ts";
import { packageRoot } from "./scratch.ts";
import { runTeam } from "./team.ts";
import { makeWorktrees } from "./worktrees.ts";

/**
 * The work without Skein, as people do it today: worktrees, a shared checklist that is marked and pushed, and one merger that takes the
 * pushed branches in their order. A branch that conflicts is merged with the newer side winning, as an unattended merge does.
 */
export async function runWithout(options: RunOptions): Promise<RunResult> {
  const { scratch, env, progress } = options;
  const folder = join(scratch.folder, "without");
  mkdirSync(folder);
  const origin = join(folder, "origin.git");
  const git = createDemoGit(scratch.folder, demoEnv(env, "skein"));
  await git.text("clone", "--quiet", "--bare", scratch.source, origin);
  const repository = join(folder, "repository");
  const place = await makeWorktrees(scratch.source, repository, { ...options, folder });
  await pushChecklist(repository, origin, options);
  const merger = createMerger({ repository, origin, options });
  const startedAt = performance.now();
  const team = await runTeam({
    ...options,
    landing: merger.queue,
    edits: editsIn(scratch.work),
    folder,
    jobOf: (name) => ({
      mode: "without",
      name,
      worktree: place(name),
      origin,
      bin: join(packageRoot, "bin/skein.js"),
      seed: options.seed,
      work: scratch.work,
    }),
    onReport: (name, report) => {
      progress(name, report);
      if (report.kind === "handed-in") {
        merger.queue.add(report.commit);
      }
    },
  });
  await merger.queue.idle();
  const wallMs = Math.round(merger.queue.lastAtMs() - startedAt);
  const bare = createDemoGit(origin, demoEnv(env, "skein"));
  const marks = readMarks(await bare.text("show", `main:${checklistFile}`));
  const done = scratch.work.filter(({ id }) => marks.get(id) === "x");
  return {
    tasks_done: done.length,
    duplicated_tasks: await countDuplicates(bare),
    merge_conflicts: merger.conflicts(),
    lost_edits: (await findLostEdits(origin, done, env)).length,
    killed_agents: team.killed,
    wall_ms: wallMs,
    coordination_ms_per_task: Math.round(team.coordinationMs / Math.max(1, done.length)),
  };
}

async function pushChecklist(
  repository: string,
  origin: string,
  { scratch, env }: RunOptions,
): Promise<void> {
  const git = createDemoGit(repository, demoEnv(env, "skein"));
  const file = join(repository, checklistFile);
  // A repository may bring a link of this name, which leads elsewhere.
  rmSync(file, { recursive: true, force: true });
  writeFileSync(file, writeChecklist(scratch.plan.title, scratch.work));
  await git.text("add", "--force", "--", checklistFile);
  await git.text("commit", "--quiet", "-m", "Add the plan");
  await git.text("push", "--quiet", origin, "HEAD:main");
}

interface MergerOptions {
  readonly repository: string;
  readonly origin: string;
  readonly options: RunOptions;
}

/** Puts handed-in commits onto `main`, one after the other, with the code that Skein integrates with. */
function createMerger({ repository, origin, options }: MergerOptions) {
  const env = demoEnv(options.env, "skein");
  const git = createDemoGit(repository, env);
  const workspace = createWorkspace({
    root: origin,
    env,
    parseChecks: async () => Promise.resolve(new Map()),
  });
  let conflicts = 0;
  const land = async (commit: string): Promise<void> => {
    for (;;) {
      const { kind } = await workspace.integrate({
        commit,
        branch: "main",
        method: "rebase",
        checks: [],
        message: "Merge",
      });
      if (kind === "conflict") {
        conflicts += 1;
        await mergeNewerWins(git, origin, commit);
      }
      if (kind !== "retry" || options.signal.aborted) {
        return;
      }
    }
  };
  return { queue: createQueue(land), conflicts: () => conflicts };
}

async function mergeNewerWins(git: DemoGit, origin: string, commit: string): Promise<void> {
  for (;;) {
    await git.text("fetch", "--quiet", origin, "main");
    await git.text("checkout", "--quiet", "--force", "--detach", "FETCH_HEAD");
    await git.text("merge", "--quiet", "--no-edit", "-X", "theirs", commit);
    const { exitCode } = await git.attempt("push", "--quiet", origin, "HEAD:main");
    if (exitCode === 0) {
      return;
    }
  }
}

/** Tasks for which more than one agent pushed a branch. */
async function countDuplicates(git: DemoGit): Promise<number> {
  const text = await git.text("for-each-ref", "--format=%(refname:short)", "refs/heads/work");
  const tasks = text.split("\n").map((name) => /^work\/agent-\d+-(.+)$/u.exec(name)?.[1] ?? "");
  return new Set(tasks.filter((task, index) => task !== "" && tasks.indexOf(task) !== index)).size;
}
