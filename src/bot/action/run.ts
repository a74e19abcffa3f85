import { randomBytes } from "node:crypto";
import type { EventEmitter } from "node:events";
import { mkdirSync } from "node:fs";
import { resolve, join } from "node:path";
import * as core from "@actions/core";

import { createGit, locateRepository } from "../../adapters/git/index.ts";
import { plainOutcome } from "../context.ts";
import type { BotContext, BotEnv, HandlerOutcome, Received, BotStage } from "../context.ts";
import { chooseHandlers, dispatch, mergeOutcomes, sayNothing } from "../dispatch.ts";
import type { Handled, HandlerTable } from "../dispatch.ts";
import { numberOf, shasOf } from "../event.ts";
import { tellingUnusable } from "../unusable-settings.ts";
import { createClean } from "./cleaning.ts";
import { joinDatabase } from "./database.ts";
import { explain } from "./failing.ts";
import { readHandover, writeHandover } from "./handover.ts";
import type { HandoverPlace } from "./handover.ts";
import { readInputs, secretsOfInputs } from "./inputs.ts";
import { readEvent } from "./read-event.ts";
import { annotate, createActionLog, outputsOf, writeOutputs, writeSummary } from "./report.ts";
import { readRunner } from "./runner.ts";
import type { Runner } from "./runner.ts";
import { listenForEnd } from "./signals.ts";
import { handlerEnv, takeInputs } from "./surroundings.ts";

/** The process that runs one step of a job. */
export interface ActionProcess {
  /** Its `INPUT_…` variables are taken out, so that no child ever sees them. */
  readonly env: Record<string, string | undefined>;
  /** Where signals come from; null: nobody cancels. */
  readonly signals: EventEmitter | null;
  readonly handlers: HandlerTable;
}

/** Runs one step from its variables to its exit code: 0, 1 for a failure, 128 and the signal's number for a cancelled job. */
export async function runAction({ env, signals, handlers }: ActionProcess): Promise<number> {
  const secrets = secretsOfInputs(env);
  for (const secret of secrets) {
    core.setSecret(secret);
  }
  const written = takeInputs(env);
  const end = listenForEnd(signals);
  try {
    const job = openJob({ env, written, secrets, signal: end.signal });
    const { outcome, handoverPath } = await work(job, handlers);
    end.signal.throwIfAborted();
    const clean = await createClean(env, secrets)(outcome);
    publish(job, clean, handoverPath);
    return exitCodeOf(job, clean);
  } catch (error) {
    const code = end.exitCode();
    explain(error, { isCancelled: code !== null, env, id: randomBytes(4).toString("hex") });
    return code ?? 1;
  } finally {
    end.stopListening();
  }
}

interface Surroundings {
  readonly env: BotEnv;
  /** The inputs, by the runner's names. */
  readonly written: BotEnv;
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
}

/** One step, with all that it was given. */
interface Job {
  readonly runner: Runner;
  readonly context: Omit<BotContext, "received">;
  readonly handoverPath: string;
  readonly secrets: readonly string[];
}

function openJob({ env, written, secrets, signal }: Surroundings): Job {
  const inputs = readInputs({ ...env, ...written });
  const { wishes, githubToken, handoverPath } = inputs;
  const runner = readRunner(env);
  const event = readEvent(runner);
  const ownEnv = handlerEnv(env, inputs);
  const cwd = rootOf(runner.workspace);
  const outputDir = join(runner.tempDir, "skein");
  mkdirSync(outputDir, { recursive: true });
  return {
    runner,
    secrets,
    handoverPath: resolve(runner.workspace ?? runner.tempDir, handoverPath),
    context: {
      event,
      wishes,
      github: { apiUrl: runner.apiUrl, serverUrl: runner.serverUrl, token: githubToken },
      cwd,
      git: cwd === null ? null : createGit({ cwd, env: ownEnv }),
      isDurable: false,
      database: "none",
      bounds: null,
      env: ownEnv,
      outputDir,
      log: createActionLog(),
      signal,
    },
  };
}

/** Null in a job without a checkout. */
function rootOf(workspace: string | null): string | null {
  return workspace === null ? null : (locateRepository(workspace)?.root ?? null);
}

interface Worked {
  readonly outcome: HandlerOutcome;
  /** Null: nothing is handed on. */
  readonly handoverPath: string | null;
}

async function work(job: Job, handlers: HandlerTable): Promise<Worked> {
  const { context } = job;
  const { event, wishes } = context;
  const nothing = sayNothing(event, wishes.mode);
  const names = chooseHandlers(event, wishes);
  if (names.length === 0) {
    return { outcome: plainOutcome("neutral", nothing), handoverPath: null };
  }
  const received = receive(job);
  const joined = { ...(await joinDatabase(context)), received };
  const handled = await tellingUnusable(joined, names, async () => dispatch(joined, handlers));
  return { outcome: mergeOutcomes(handled, nothing), handoverPath: handOn(job, handled) };
}

function receive({ context, handoverPath }: Job): Received | null {
  const { stage } = context.wishes;
  return stage !== "all" && stage !== "collect"
    ? readHandover(handoverPath, placeOf(context))
    : null;
}

function isEarly(stage: BotStage): boolean {
  return stage !== "all" && stage !== "publish";
}

/** Writes what the next stage needs; the last stage, and a job that does all, hand nothing on. */
function handOn(
  { context, handoverPath, secrets }: Job,
  handled: readonly Handled[],
): string | null {
  const { stage } = context.wishes;
  for (const { name, outcome } of isEarly(stage) ? handled : []) {
    if (outcome.handover !== null) {
      writeHandover(handoverPath, {
        ...outcome.handover,
        kind: name,
        place: placeOf(context),
        createdAt: new Date().toISOString(),
        secrets,
      });
      return handoverPath;
    }
  }
  return null;
}

function placeOf({ event }: Job["context"]): HandoverPlace {
  return {
    repository: event.repository.fullName,
    number: numberOf(event),
    shas: shasOf(event),
  };
}

function publish(
  { context, runner }: Job,
  outcome: HandlerOutcome,
  handoverPath: string | null,
): void {
  annotate(outcome.annotations);
  context.log.info(outcome.title);
  if (runner.summaryPath !== null) {
    const note = context.wishes.isDryRun ? "_Dry run: nothing was written to GitHub._" : "";
    const parts = [`### Skein: ${outcome.conclusion}`, outcome.title, note, outcome.summary];
    writeSummary(runner.summaryPath, parts.filter((part) => part !== "").join("\n\n"));
  }
  writeOutputs(outputsOf(outcome, handoverPath));
}

/** A stage before the last never fails for what it found: the last one has to tell it. */
function exitCodeOf({ context }: Job, { conclusion, title }: HandlerOutcome): number {
  const { stage } = context.wishes;
  if (conclusion !== "failure" || isEarly(stage)) {
    return 0;
  }
  core.error(title, { title: "Skein" });
  return 1;
}
