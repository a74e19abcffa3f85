import { readFileSync } from "node:fs";
import type { AgentJob, Report } from "./agent-job.ts";
import { appendEdit } from "./append-edit.ts";
import type { Board, Turn } from "./board.ts";
import { createChance } from "./chance.ts";
import { createChecklistBoard } from "./checklist-board.ts";
import { pause } from "./processes.ts";
import { createSkeinBoard } from "./skein-board.ts";
import { createStopwatch } from "./stopwatch.ts";
import type { TaskWork } from "./work.ts";

/** One agent as a process of its own: `node agent.js JOB_FILE`. It works until nothing is left, and reports on standard output. */
async function main(): Promise<void> {
  const job = readJob(process.argv[2] ?? "");
  const board = await (job.mode === "with" ? createSkeinBoard(job) : createChecklistBoard(job));
  const chance = createChance(job.seed, job.conversation);
  const watch = createStopwatch();
  const agent: Agent = {
    board,
    watch,
    worktree: job.worktree,
    think: () => pause(chance.between(...thinkMs)),
  };
  for (;;) {
    const turn = await watch.coordinating(() => board.take());
    if (turn.kind === "over") {
      break;
    }
    await follow(agent, turn);
    report({ kind: "spent", ...watch.takeTimes() });
  }
  report({ kind: "spent", ...watch.takeTimes() });
  await board.close();
}

/** How long an agent thinks before each edit. */
const thinkMs = [120, 480] as const;

interface Agent {
  readonly board: Board;
  readonly watch: ReturnType<typeof createStopwatch>;
  readonly worktree: string;
  think(this: void): Promise<void>;
}

async function follow(agent: Agent, turn: Exclude<Turn, { kind: "over" }>): Promise<void> {
  const { board, watch } = agent;
  if (turn.kind === "wait") {
    await watch.waiting(() => board.wait());
    return;
  }
  const { work } = turn;
  report({ kind: "took", task: work.id });
  await board.begin(work);
  const refusal = (await editAll(agent, work)) ?? (await handIn(agent, work));
  if (refusal !== null) {
    await watch.coordinating(() => board.giveUp(work, refusal));
    report({ kind: "gave-up", task: work.id, reason: refusal });
  }
}

/** Writes every edit of a task; gives why it was not allowed, or null. */
async function editAll(
  { board, watch, worktree, think }: Agent,
  work: TaskWork,
): Promise<string | null> {
  for (const [index, edit] of work.edits.entries()) {
    await think();
    const refusal = await watch.coordinating(() => board.mayEdit(edit));
    if (refusal !== null) {
      return refusal;
    }
    appendEdit(worktree, edit);
    report({ kind: "edited", task: work.id, left: work.edits.length - index - 1 });
  }
  await think();
  return null;
}

async function handIn({ board, watch }: Agent, work: TaskWork): Promise<string | null> {
  const made = await watch.coordinating(() => board.commit(work));
  if (made.kind !== "committed") {
    return made.reason;
  }
  const { commit } = made;
  await watch.coordinating(() => board.handIn(work, commit));
  report({ kind: "handed-in", task: work.id, commit });
  return null;
}

function report(line: Report): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** The job was written by the demo itself a moment ago. */
function readJob(file: string): AgentJob {
  const job: AgentJob = JSON.parse(readFileSync(file, "utf8"));
  return job;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1); // The server of this agent may still hold the process.
});
