import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentJob } from "./agent-job.ts";
import type { Board, Committed, Turn } from "./board.ts";
import { createChance } from "./chance.ts";
import type { Chance } from "./chance.ts";
import { freeTasks, readMarks, withMark } from "./checklist.ts";
import type { Mark } from "./checklist.ts";
import { createDemoGit, demoEnv, pause } from "./processes.ts";
import type { DemoGit } from "./processes.ts";
import type { TaskWork } from "./work.ts";

/** The file that agents without Skein share. */
export const checklistFile = "PLAN.md";

/** An agent without Skein: it reads the checklist, marks it and pushes, in a worktree of its own. */
export async function createChecklistBoard(job: AgentJob): Promise<Board> {
  const place: Place = {
    job,
    git: createDemoGit(job.worktree, demoEnv(process.env, job.name)),
    chance: createChance(job.seed, `${job.conversation} pause`),
  };
  let leftBehind = await unfinishedTask(place);

  return {
    take: async () => {
      const resumed = leftBehind;
      leftBehind = null;
      return resumed === null ? take(place) : { kind: "task", work: resumed };
    },
    wait: () => pause(place.chance.between(200, 500)),
    begin: async ({ id }) => {
      await fetchMain(place);
      await place.git.text("checkout", "--quiet", "--force", "-B", branchOf(job, id), "FETCH_HEAD");
    },
    mayEdit: async () => Promise.resolve(null),
    commit: (work) => commit(place, work),
    handIn: async ({ id }) => {
      await place.git.text(
        "push",
        "--quiet",
        "--force",
        job.origin,
        `HEAD:refs/heads/${branchOf(job, id)}`,
      );
      await mark(place, id, "x");
    },
    giveUp: ({ id }) => mark(place, id, " "),
    close: async () => Promise.resolve(),
  };
}

interface Place {
  readonly job: AgentJob;
  readonly git: DemoGit;
  readonly chance: Chance;
}

function branchOf({ name }: AgentJob, id: string): string {
  return `work/${name}-${id}`;
}

/** Whoever restarts a killed agent finds its worktree as it was: the branch tells the task, which is begun again. */
async function unfinishedTask({ git, job }: Place): Promise<TaskWork | null> {
  const { stdout } = await git.attempt("symbolic-ref", "--quiet", "--short", "HEAD");
  const work = job.work.find(({ id }) => stdout.trim() === branchOf(job, id));
  if (work === undefined) {
    return null;
  }
  const { stdout: pushed } = await git.attempt(
    "ls-remote",
    job.origin,
    `refs/heads/${branchOf(job, work.id)}`,
  );
  return pushed.trim() === "" ? work : null;
}

async function take(place: Place): Promise<Turn> {
  const marks = await readList(place);
  if ([...marks.values()].every((each) => each === "x")) {
    return { kind: "over" };
  }
  const free = freeTasks(place.job.work, marks);
  const work = free[place.chance.between(0, free.length - 1)];
  if (work === undefined) {
    return { kind: "wait" };
  }
  return (await markOnce(place, work.id, "~")) ? { kind: "task", work } : { kind: "wait" };
}

async function fetchMain({ git, job }: Place): Promise<void> {
  await git.text("fetch", "--quiet", job.origin, "main");
}

async function readList(place: Place): Promise<ReturnType<typeof readMarks>> {
  await fetchMain(place);
  await place.git.text("checkout", "--quiet", "--force", "--detach", "FETCH_HEAD");
  const file = join(place.job.worktree, checklistFile);
  return readMarks(existsSync(file) ? readFileSync(file, "utf8") : "");
}

/** How often a push is tried again before the agent looks at the list anew. */
const pushTries = 6;

/**
 * Marks a task in the list as it was just read, and pushes. A refused push is followed by `git pull --rebase` and another push, as git
 * itself advises. False when the rebase conflicts, or when it drops the mark because somebody else has set the same one.
 */
async function markOnce({ git, job, chance }: Place, id: string, sign: Mark): Promise<boolean> {
  const file = join(job.worktree, checklistFile);
  writeFileSync(file, withMark(readFileSync(file, "utf8"), id, sign));
  const { exitCode: nothing } = await git.attempt(
    "commit",
    "--quiet",
    "-m",
    `${job.name}: [${sign}] ${id}`,
    "--",
    checklistFile,
  );
  if (nothing !== 0) {
    return true;
  }
  for (let tried = 0; tried < pushTries; tried += 1) {
    const { exitCode } = await git.attempt("push", "--quiet", job.origin, "HEAD:main");
    if (exitCode === 0) {
      return true;
    }
    await pause(chance.between(10, 60));
    const pulled = await git.attempt("pull", "--quiet", "--rebase", job.origin, "main");
    if (pulled.exitCode !== 0) {
      await git.attempt("rebase", "--abort");
      return false;
    }
    if ((await git.text("rev-list", "--count", "FETCH_HEAD..HEAD")) === "0") {
      return false;
    }
  }
  return false;
}

/** Marks a task whatever others do meanwhile. */
async function mark(place: Place, id: string, sign: Mark): Promise<void> {
  for (;;) {
    await readList(place);
    if (await markOnce(place, id, sign)) {
      return;
    }
    await pause(place.chance.between(20, 120));
  }
}

async function commit({ git }: Place, work: TaskWork): Promise<Committed> {
  await git.text("add", "--", ...new Set(work.edits.map(({ path }) => path)));
  await git.text("commit", "--quiet", "-m", `${work.id}: ${work.title}`);
  return { kind: "committed", commit: await git.text("rev-parse", "HEAD") };
}
