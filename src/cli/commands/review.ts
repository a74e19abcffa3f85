import { resolve } from "node:path";

import type { ChangeRequest } from "../../adapters/git/index.ts";
import type { RecordingAsk } from "../../compose-recording.ts";
import { prepareReview } from "../../compose-review.ts";
import type { PreparedReview, ReviewAsk, VerifyAsk } from "../../compose-review.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type { MicroUsd } from "../../core/base/ids.ts";
import { presetNames } from "../../core/review/index.ts";
import type { PresetName, ReviewEstimate, ReviewRequest } from "../../core/review/index.ts";
import type { Answer, Call } from "../command.ts";
import { cliErrors } from "../errors.ts";
import { interruptedCode } from "../exit.ts";
import type { CliIo } from "../io.ts";
import { askingModels, whoCalls } from "../project.ts";
import { isForProgram, printResult } from "../review-output.ts";
import { startProgress, toldProgress } from "../review-progress.ts";
import type { ReviewProgress } from "../review-progress.ts";
import { usd } from "../views.ts";
import { counted } from "../counted.ts";

/** `skein review`: ends with 0, with 20 when the review asks for changes, with 21 when it is incomplete. */
export async function review(call: Call): Promise<Answer | number> {
  const limit = budgetOf(call.options.text("budgetUsd"));
  const change = changeOf(call);
  return askingModels(call, async ({ project, given }) => {
    const progress = await progressOf(call);
    try {
      const prepared = await prepareReview(project, {
        ...elsewhere(call.io),
        given,
        change,
        preset: presetOf(call.options.text("preset")),
        actor: (await whoCalls(call, project)).actor,
        limit,
        recording: recordingOf(call),
        verify: verifyOf(call),
        isFresh: call.options.flag("fresh"),
        onWarning: (sentence) => call.io.warn(sentence),
        signal: call.io.signal,
        onEvent: progress.onEvent,
      });
      for (const note of prepared.notes) {
        call.io.warn(note);
      }
      return isEstimate(call)
        ? estimateAnswer(await prepared.reviewing.estimate(prepared.request), prepared.request)
        : await run(call, prepared, progress);
    } finally {
      await progress.end();
    }
  });
}

/** Inside a server the change is what the caller sent, and the keys are those of the server's environment. @throws {SkeinError} SKN-1010 */
function elsewhere({ env, within }: CliIo): Pick<ReviewAsk, "env" | "sent"> {
  if (within === undefined) {
    return { env };
  }
  const sent = within.work.change;
  if (sent === null) {
    throw new SkeinError(cliErrors.badUsage, {
      message: "Nothing was sent to be reviewed.",
      fix: "Send `work.change` (docs/serve.md), as `skein review --url` does.",
    });
  }
  return { env: within.models.env, sent };
}

/** Inside a server the caller is told; at a terminal it is drawn. */
async function progressOf(call: Call): Promise<ReviewProgress> {
  const { within } = call.io;
  return within === undefined
    ? startProgress(call.io, !isForProgram(call) && !isEstimate(call))
    : toldProgress(within.tell);
}

async function run(
  call: Call,
  { reviewing, request }: PreparedReview,
  progress: ReviewProgress,
): Promise<number> {
  call.io.signal.addEventListener("abort", heed);
  try {
    const { id, done } = await reviewing.start(request);
    const result = await done;
    await progress.end();
    if (!isForProgram(call)) {
      call.io.warn(`Review ${id} is kept: \`skein review show ${id}\`.`);
      const isReplay = call.options.text("replay") !== null;
      if (!isReplay && result.seats.some(({ cached = 0 }) => cached > 0)) {
        call.io.warn("Answers that were kept are given again; `--fresh` asks for all anew.");
      }
    }
    const code = printResult(call, result);
    return call.io.signal.aborted ? interruptedCode : code;
  } finally {
    call.io.signal.removeEventListener("abort", heed);
  }
}

/** Who listens may end the swarm in order: the calls stop, the ledger is settled, the result is kept. */
function heed(): void {
  // The swarm hears of the end by its own signal.
}

function isEstimate({ options }: Call): boolean {
  return options.flag("estimate");
}

/** What keeps the answers, or gives them again. @throws {SkeinError} SKN-1010 for both, or where nobody is asked. */
function recordingOf(call: Call): RecordingAsk | null {
  const [record, replay] = [call.options.text("record"), call.options.text("replay")];
  const file = record ?? replay;
  if (file === null) {
    return null;
  }
  if ((record !== null && replay !== null) || isEstimate(call)) {
    throw new SkeinError(cliErrors.badUsage, {
      message: "A review is recorded, replayed or estimated.",
      fix: "Give one of --record, --replay and --estimate.",
    });
  }
  return { mode: record === null ? "replay" : "record", file: resolve(call.io.cwd, file) };
}

/** How long one run of the command may take, unless it is said. */
const verifySeconds = 120;

/** @throws {SkeinError} SKN-1010 where nobody is asked. */
function verifyOf(call: Call): VerifyAsk | undefined {
  const command = call.options.text("verify");
  if (command === null) {
    return undefined;
  }
  if (command.trim() === "" || isEstimate(call)) {
    throw new SkeinError(cliErrors.badUsage, {
      message: "--verify takes a command, and a review that is made.",
      fix: "Give it as --verify 'command', without --estimate.",
    });
  }
  const seconds = call.options.number("verifySeconds") ?? verifySeconds;
  return { command, timeoutMs: seconds * 1_000 };
}

function presetOf(text: string | null): PresetName | null {
  return presetNames.find((name) => name === text) ?? null;
}

function estimateAnswer(
  { seats, afford, skipped, notes }: ReviewEstimate,
  { room }: ReviewRequest,
): Answer {
  const dropped = afford.dropped.map(({ number }) => number);
  const asked = afford.isEnough ? seats.length - dropped.length : 0;
  return {
    data: {
      worst_usd: usd(afford.worst),
      room_usd: room === null ? null : usd(room.microUsd),
      room_budget: room?.of ?? null,
      is_enough: afford.isEnough,
      seats: seats.map(({ number, model }) => ({
        seat: number,
        model: model.name,
        family: model.family,
        asked: afford.isEnough && !dropped.includes(number),
      })),
      candidates: afford.candidates,
      skipped: skipped.map(({ path, reason }) => ({ path, reason })),
      notes: [...notes],
    },
    lines: [
      `At most ${String(usd(afford.worst))} USD; ${String(asked)} of ${counted(seats.length, "seat")} would be asked, and vote on up to ${counted(afford.candidates, "candidate")}.`,
      ...(room === null
        ? []
        : [`The budget of ${room.of} holds ${String(usd(room.microUsd))} USD.`]),
      ...(afford.isEnough ? [] : ["That is not enough for the smallest swarm."]),
      ...dropped.map((number) => `Seat ${String(number)} would not be asked.`),
      ...notes,
    ],
  };
}

/** What the options name; null: the branch against the default branch. @throws {SkeinError} SKN-1010 for two of them. */
export function changeOf({ options }: Call): ChangeRequest | null {
  const [base, range, patch] = ["base", "range", "patch"].map((name) => options.text(name));
  const all: readonly (ChangeRequest | null)[] = [
    base == null ? null : { kind: "branch", base },
    range == null ? null : { kind: "range", range },
    patch == null ? null : { kind: "patch", file: patch },
    options.flag("worktree") ? { kind: "worktree" } : null,
  ];
  const [first, second] = all.filter((each) => each !== null);
  if (second !== undefined) {
    throw new SkeinError(cliErrors.badUsage, {
      message: "A review looks at one change.",
      fix: "Give one of --base, --range, --patch and --worktree.",
    });
  }
  return first ?? null;
}

/** Reads dollars with at most six decimals. @throws {SkeinError} SKN-1005 */
function budgetOf(text: string | null): MicroUsd | null {
  if (text === null) {
    return null;
  }
  if (!/^\d{1,6}(?:\.\d{1,6})?$/u.test(text)) {
    throw new SkeinError(cliErrors.badValue, {
      message: `--budget-usd cannot be ${JSON.stringify(text)}.`,
      fix: "Give dollars with at most six decimals, as 0.50.",
      facts: { option: "--budget-usd", value: text },
    });
  }
  return Math.round(Number(text) * 1_000_000);
}
