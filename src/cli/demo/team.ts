import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { SkeinError } from "../../core/base/errors.ts";
import { parseReport } from "./agent-job.ts";
import type { AgentJob, Report } from "./agent-job.ts";
import { createChance } from "./chance.ts";
import { demoErrors } from "./errors.ts";
import { demoEnv } from "./processes.ts";
import type { Queue } from "./queue.ts";

/** The processes of one run. */
export interface TeamOptions {
  readonly agents: number;
  /** How many agents are killed while they work; each is replaced at once. */
  readonly kills: number;
  readonly seed: number;
  /** How many edits the whole plan has. */
  readonly edits: number;
  /** Where the job files are written. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Where handed-in work goes: its failure ends the team, and what it is doing is waited for. */
  readonly landing: Pick<Queue<unknown>, "failed" | "settled">;
  /** The job of an agent, without its conversation. */
  jobOf(name: string): Omit<AgentJob, "conversation">;
  /** Hears every report. */
  onReport(name: string, report: Report): void;
}

/** How a team's work went. */
export interface TeamResult {
  readonly killed: number;
  readonly coordinationMs: number;
  readonly waitingMs: number;
}

/** Starts the agents, kills some of them as they edit, replaces those, and waits until all have ended by themselves. */
export async function runTeam(options: TeamOptions): Promise<TeamResult> {
  const signal = AbortSignal.any([options.signal, options.landing.failed]);
  const state: State = {
    options,
    killAt: killMoments(options),
    edited: 0,
    killed: 0,
    sums: { coordinationMs: 0, waitingMs: 0 },
    running: new Set(),
    isOver: signal.aborted,
  };
  const stop = (): void => {
    state.isOver = true;
    for (const child of state.running) {
      killGroup(child);
    }
  };
  signal.addEventListener("abort", stop, { once: true });
  const works: Promise<void>[] = [];
  try {
    const names = Array.from(
      { length: options.agents },
      (_, index) => `agent-${String(index + 1)}`,
    );
    works.push(...names.map((name) => workUntilDone(state, name)));
    await Promise.all(works);
  } finally {
    stop();
    // Where one has failed: nobody may write any more when this returns.
    await Promise.allSettled([...works, options.landing.settled()]);
    signal.removeEventListener("abort", stop);
  }
  return { killed: state.killed, ...state.sums };
}

interface State {
  readonly options: TeamOptions;
  /** At which edits of the whole team whoever made it is killed. */
  readonly killAt: ReadonlySet<number>;
  readonly running: Set<ChildProcess>;
  readonly sums: { coordinationMs: number; waitingMs: number };
  edited: number;
  killed: number;
  /** True when nobody is to be started any more. */
  isOver: boolean;
}

/** Spread over the first two thirds of the work, so that what is redone fits into the run. */
function killMoments({ kills, seed, edits }: TeamOptions): ReadonlySet<number> {
  const chance = createChance(seed, "kills");
  const last = Math.max(kills, Math.floor((edits * 2) / 3));
  const moments = new Set<number>();
  while (moments.size < kills) {
    moments.add(chance.between(1, last));
  }
  return moments;
}

async function workUntilDone(state: State, name: string): Promise<void> {
  for (let life = 1; !state.isOver; life += 1) {
    const ending = await live(state, name, `${name}-${String(life)}`);
    if (ending.kind === "done") {
      return;
    }
    if (ending.kind === "failed") {
      throw new SkeinError(demoErrors.agentFailed, {
        message: `${name} ended with an error: ${ending.detail}`,
        facts: { agent: name },
      });
    }
  }
}

type Ending =
  | { readonly kind: "done" }
  | { readonly kind: "killed" }
  | { readonly kind: "failed"; readonly detail: string };

async function live(state: State, name: string, life: string): Promise<Ending> {
  const { options } = state;
  const jobFile = join(options.folder, `${life}.json`);
  const job: AgentJob = {
    ...options.jobOf(name),
    conversation: `demo-${String(options.seed)}-${life}`,
  };
  writeFileSync(jobFile, JSON.stringify(job));
  // A group of its own, so that a kill takes what the agent has started with it.
  const child = spawn(process.execPath, [agentFile, jobFile], {
    cwd: job.worktree,
    env: demoEnv(options.env, name),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  state.running.add(child);
  const fate = { isKilled: false };
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-2_000);
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const report = parseReport(line);
    if (report !== null && !fate.isKilled) {
      fate.isKilled = hear(state, name, report);
      if (fate.isKilled) {
        killGroup(child);
      }
    }
  });
  const exitCode = await new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  state.running.delete(child);
  if (fate.isKilled || state.isOver) {
    return { kind: "killed" };
  }
  return exitCode === 0 ? { kind: "done" } : { kind: "failed", detail: errors.trim() };
}

/** Takes a report in; true when its agent is to be killed. */
function hear(state: State, name: string, report: Report): boolean {
  state.options.onReport(name, report);
  if (report.kind === "spent") {
    state.sums.coordinationMs += report.coordinationMs;
    state.sums.waitingMs += report.waitingMs;
  }
  if (report.kind !== "edited") {
    return false;
  }
  state.edited += 1;
  const isHit = state.killAt.has(state.edited);
  if (isHit) {
    state.killed += 1;
    state.options.onReport(name, { kind: "killed", task: report.task });
  }
  return isHit;
}

/** SIGKILL to an agent and to everything that it has started. */
function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
  }
}

/** The agent's program stands beside this file, built or not. */
const agentFile = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./agent.ts" : "./agent.js", import.meta.url),
);
