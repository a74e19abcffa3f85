import { resolve } from "node:path";
import { SkeinError } from "../../core/base/errors.ts";
import type { JsonObject } from "../../core/base/json.ts";
import type { CliIo } from "../io.ts";
import { printRecord } from "../output.ts";
import { demoErrors } from "./errors.ts";
import type { RunFigures, RunResult } from "./measure.ts";
import { createProgress } from "./progress.ts";
import { runWith } from "./run-with.ts";
import { runWithout } from "./run-without.ts";
import type { RunOptions } from "./run.ts";
import { makeScratch } from "./scratch.ts";
import type { Scratch } from "./scratch.ts";
import { comparisonTable } from "./table.ts";
import { counted } from "../counted.ts";

/** What `skein demo` was asked for. */
export interface DemoOptions {
  /** The repository to work on; null for the one around the caller, else the bundled sample. */
  readonly repo: string | null;
  /** The plan file; null for the sample's, or one that is made from the repository's files. */
  readonly plan: string | null;
  /** Default 8. */
  readonly agents: number | null;
  /** Decides who is killed when, and how long agents think. Default 1. */
  readonly seed: number | null;
  /** How many agents are killed in each run. Default 3. */
  readonly kills: number | null;
  readonly json: boolean;
  /** Leaves the temporary folder for a look. */
  readonly keep: boolean;
}

/** How long one run may take. */
const longestRunMs = 300_000;

/**
 * Works through the same plan twice with real agent processes, without Skein and with it, and prints both side by side. Ends with 1 when
 * the run with Skein had a conflict, a duplicate or a lost edit, or left a task undone.
 */
export async function runDemo(options: DemoOptions, io: CliIo): Promise<number> {
  // Somebody must listen, or Ctrl-C ends the process before it has cleaned up; a signal made by `AbortSignal.any` does not count.
  io.signal.addEventListener("abort", () => undefined);
  const scratch = await makeScratch({
    cwd: io.cwd,
    repo: options.repo === null ? null : resolve(io.cwd, options.repo),
    plan: options.plan === null ? null : resolve(io.cwd, options.plan),
    env: io.env,
  });
  try {
    const without = await runOnce("without Skein", runWithout, { options, scratch, io });
    const withSkein = await runOnce("with Skein", runWith, { options, scratch, io });
    if (options.json) {
      printRecord(comparison(without, withSkein), io);
    } else {
      io.write(`${comparisonTable(without, withSkein).join("\n")}\n`);
    }
    return isClean(withSkein, scratch) ? 0 : 1;
  } finally {
    if (options.keep) {
      io.warn(`Everything is left in ${scratch.folder}`);
    } else {
      await scratch.remove();
    }
  }
}

interface Surroundings {
  readonly options: DemoOptions;
  readonly scratch: Scratch;
  readonly io: CliIo;
}

async function runOnce(
  title: string,
  run: (options: RunOptions) => Promise<RunResult>,
  { options, scratch, io }: Surroundings,
): Promise<RunResult> {
  io.signal.throwIfAborted();
  const agents = options.agents ?? 8;
  const tooLong = AbortSignal.timeout(longestRunMs);
  const progress = createProgress({ title, tasks: scratch.work.length, io });
  progress.say(
    `${counted(agents, "agent")} ${agents === 1 ? "works" : "work"} through ${scratch.plan.id} on ${scratch.name}`,
  );
  const result = await run({
    scratch,
    agents,
    kills: options.kills ?? 3,
    seed: options.seed ?? 1,
    env: io.env,
    signal: AbortSignal.any([io.signal, tooLong]),
    progress: progress.hear,
  });
  progress.end();
  io.signal.throwIfAborted();
  if (tooLong.aborted) {
    throw new SkeinError(demoErrors.tooLong, { facts: { run: title, limit_ms: longestRunMs } });
  }
  return result;
}

function comparison(without: RunResult, withSkein: RunResult): JsonObject {
  return {
    without: { ...figures(without) },
    with: {
      ...figures(withSkein),
      coordination_ms_per_task: withSkein.coordination_ms_per_task,
    },
  };
}

function figures({ coordination_ms_per_task: _shownToPeople, ...rest }: RunResult): RunFigures {
  return rest;
}

function isClean(result: RunResult, { work }: Scratch): boolean {
  return (
    result.merge_conflicts + result.duplicated_tasks + result.lost_edits === 0 &&
    result.tasks_done === work.length
  );
}
