import { createGit, defaultBranch, readChange } from "../../adapters/git/index.ts";
import type { ChangeRequest, Git } from "../../adapters/git/index.ts";
import { openReview } from "../../compose-review.ts";
import type { OpenReview } from "../../compose-review.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type { MicroUsd } from "../../core/base/ids.ts";
import { presetNames } from "../../core/review/index.ts";
import type { PresetName, ReviewEstimate, ReviewRequest } from "../../core/review/index.ts";
import type { Answer, Call } from "../command.ts";
import { cliErrors } from "../errors.ts";
import { interruptedCode } from "../exit.ts";
import { makingProject, whoCalls } from "../project.ts";
import { isForProgram, printResult } from "../review-output.ts";
import { startProgress } from "../review-progress.ts";
import type { ReviewProgress } from "../review-progress.ts";
import { usd } from "../views.ts";

/** `skein review`: ends with 0, with 20 when the review asks for changes, with 21 when it is incomplete. */
export async function review(call: Call): Promise<Answer | number> {
  const budget = budgetOf(call.options.text("budgetUsd"));
  const wanted = changeOf(call);
  return makingProject(call, async (project) => {
    const { env } = call.io;
    const opened = await openReview(project, { env, limit: budget });
    const git = createGit({ cwd: project.repository.root, env });
    const target = await targetOf(git, wanted, project.repository.branch);
    const progress = await startProgress(call.io, !isForProgram(call) && !isEstimate(call));
    const request = {
      ...settingsOf(call, opened),
      change: await readChange(git, target.change),
      subject: target.subject,
      actor: (await whoCalls(call, project)).actor,
      description: "",
      room: opened.limit,
      signal: call.io.signal,
      onEvent: progress.onEvent,
    };
    return isEstimate(call)
      ? estimateAnswer(await opened.reviewing.estimate(request), opened)
      : run(call, { opened, request, progress });
  });
}

interface Running {
  readonly opened: OpenReview;
  readonly request: ReviewRequest;
  readonly progress: ReviewProgress;
}

async function run(call: Call, { opened, request, progress }: Running): Promise<number> {
  call.io.signal.addEventListener("abort", heed);
  try {
    const { id, done } = await opened.reviewing.start(request);
    const result = await done;
    await progress.end();
    for (const note of opened.models.notes) {
      call.io.warn(note);
    }
    if (!isForProgram(call)) {
      call.io.warn(`Review ${id} is kept: \`skein review show ${id}\`.`);
    }
    const code = printResult(call, result);
    return call.io.signal.aborted ? interruptedCode : code;
  } finally {
    call.io.signal.removeEventListener("abort", heed);
    await progress.end();
  }
}

/** Who listens may end the swarm in order: the calls stop, the ledger is settled, the result is kept. */
function heed(): void {
  // The swarm hears of the end by its own signal.
}

function isEstimate({ options }: Call): boolean {
  return options.flag("estimate");
}

function estimateAnswer(
  { seats, afford, skipped, notes }: ReviewEstimate,
  opened: OpenReview,
): Answer {
  const { limit } = opened;
  const dropped = afford.dropped.map(({ number }) => number);
  return {
    data: {
      worst_usd: usd(afford.worst),
      limit_usd: limit === null ? null : usd(limit),
      is_enough: afford.isEnough,
      seats: seats.map(({ number, model }) => ({
        seat: number,
        model: model.name,
        family: model.family,
        asked: afford.isEnough && !dropped.includes(number),
      })),
      candidates: afford.candidates,
      skipped: skipped.map(({ path, reason }) => ({ path, reason })),
      notes: [...notes, ...opened.models.notes],
    },
    lines: [
      `At most ${String(usd(afford.worst))} USD for ${String(seats.length - dropped.length)} of ${String(seats.length)} seats and ${String(afford.candidates)} candidates.`,
      ...(limit === null ? [] : [`The limit is ${String(usd(limit))} USD.`]),
      ...(afford.isEnough
        ? []
        : ["That is not enough for the smallest swarm: nobody would be asked."]),
      ...dropped.map((number) => `Seat ${String(number)} would not be asked.`),
      ...notes,
      ...opened.models.notes,
    ],
  };
}

type Chosen = Pick<ReviewRequest, "preset" | "seats" | "members" | "thresholds" | "mayFallBack">;

/** What the settings say, but for a preset of the call: that brings its own number of seats. */
function settingsOf({ options }: Call, { models }: OpenReview): Chosen {
  const { review: setting, features } = models.settings;
  const asked = options.text("preset");
  const named = presetNames.find((name) => name === asked) ?? null;
  const preset: PresetName = named ?? setting.preset ?? "balanced";
  return {
    preset,
    seats: named === null ? (setting.seats ?? undefined) : undefined,
    members: named === null ? (setting.panel ?? undefined) : undefined,
    thresholds: setting.thresholds,
    mayFallBack: features.quickFallback,
  };
}

interface Target {
  readonly change: ChangeRequest;
  /** Reviews of one subject know each other's findings. */
  readonly subject: string;
}

/** What the options name; null: the branch against the default branch. @throws {SkeinError} SKN-1007 for two of them. */
function changeOf({ options }: Call): ChangeRequest | null {
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

async function targetOf(
  git: Git,
  wanted: ChangeRequest | null,
  branch: string | null,
): Promise<Target> {
  const change: ChangeRequest = wanted ?? {
    kind: "branch",
    base: (await defaultBranch(git)) ?? "HEAD",
  };
  const here = `branch:${branch ?? "HEAD"}`;
  switch (change.kind) {
    case "branch":
      return { change, subject: here };
    case "worktree":
      return { change, subject: `worktree:${branch ?? "HEAD"}` };
    case "range":
      return { change, subject: `range:${change.range}` };
    case "patch":
      return { change, subject: `patch:${change.file}` };
    default:
      return change satisfies never;
  }
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
