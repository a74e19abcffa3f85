import type { CheckRun } from "../../core/hosting/index.ts";
import type { Happening, Taken } from "../../core/intake/index.ts";
import { plainOutcome } from "../context.ts";
import type { BotContext, HandlerOutcome } from "../context.ts";
import type { Workplace } from "../workplace.ts";
import { withIntake } from "./intake.ts";

/** So many checks of one look make a task; the rest is for the next. */
const mostTaken = 5;

/** A check as an event tells of it. */
export interface ToldCheck {
  readonly name: string;
  readonly sha: string;
  readonly branch: string | null;
}

/**
 * Makes a task of a check that fails. The event only says where to look: what counts is that the host, asked now, has the check as failed on the
 * head of a branch of this very repository, so that a fork's branch of the same name and an old delivery make nothing. Null: nothing is asked for.
 */
export async function takeChecks(
  context: BotContext,
  place: Workplace,
  { name, branch, sha }: ToldCheck,
): Promise<HandlerOutcome | null> {
  if (branch === null || !isWatched(place, name) || !(await isMeant(place, branch))) {
    return null;
  }
  if ((await place.host.files.resolve(`refs/heads/${branch}`)) !== sha) {
    return plainOutcome("skipped", "The check is not of the head of that branch.");
  }
  const runs = await place.host.checks.latest(sha);
  return settle(context, place, { branch, sha, runs: runs.filter((run) => run.name === name) });
}

/** Looks at the heads of all branches that the settings name, for what no event told. Null: nothing is asked for. */
export async function sweepChecks(
  context: BotContext,
  place: Workplace,
): Promise<HandlerOutcome | null> {
  if (!place.settings.github.tasks.failingChecks) {
    return null;
  }
  let last: HandlerOutcome | null = null;
  for (const branch of await branchesOf(place)) {
    context.signal.throwIfAborted();
    const sha = await place.host.files.resolve(`refs/heads/${branch}`);
    if (sha !== null) {
      const runs = (await place.host.checks.latest(sha)).filter(({ name }) =>
        isWatched(place, name),
      );
      last = await settle(context, place, { branch, sha, runs });
    }
  }
  // Issues that people closed, and tasks that are over, make no event of a check.
  await withIntake(context, place, async (intake) => intake.keep());
  return last;
}

/** Skein's own checks make no work: it would answer itself. */
function isWatched({ settings }: Workplace, name: string): boolean {
  const { failingChecks, checks } = settings.github.tasks;
  const isOwn = name.startsWith("skein/");
  return failingChecks && !isOwn && (checks.length === 0 || checks.includes(name));
}

async function isMeant(place: Workplace, branch: string): Promise<boolean> {
  return (await branchesOf(place)).includes(branch);
}

async function branchesOf({ host, settings }: Workplace): Promise<readonly string[]> {
  const { branches } = settings.github.tasks;
  return branches.length > 0 ? branches : [(await host.repository()).defaultBranch];
}

interface Seen {
  readonly branch: string;
  readonly sha: string;
  /** The last of each name and App. */
  readonly runs: readonly CheckRun[];
}

/** A name that fails for one App fails, whatever another one of that name says. What still runs says nothing. */
async function settle(
  context: BotContext,
  place: Workplace,
  { branch, sha, runs }: Seen,
): Promise<HandlerOutcome> {
  const of = (name: string): Happening => ({ kind: "check", name, branch, sha });
  const ended = runs.filter(({ conclusion }) => conclusion !== null);
  const failing = new Set(
    ended.filter(({ conclusion }) => conclusion === "failure").map(({ name }) => name),
  );
  const running = new Set(
    runs.filter(({ conclusion }) => conclusion === null).map(({ name }) => name),
  );
  const passing = new Set(
    ended.filter(({ conclusion }) => conclusion === "success").map(({ name }) => name),
  );
  return withIntake(context, place, async (intake) => {
    const taken: Taken[] = [];
    for (const name of [...failing].slice(0, mostTaken)) {
      taken.push(await intake.take(of(name)));
    }
    const over = [...passing].filter((name) => !failing.has(name) && !running.has(name));
    const closed = await intake.over(over.map(of));
    if (taken.length > 0 || closed.length > 0) {
      await intake.keep();
    }
    return told(taken, closed);
  });
}

/** What came of events. */
export function told(taken: readonly Taken[], closed: readonly number[]): HandlerOutcome {
  const made = taken.filter(({ kind }) => kind === "made").length;
  const known = taken.filter(({ kind }) => kind === "known" || kind === "told").length;
  const full = taken.filter(({ kind }) => kind === "full").length;
  const parts = [
    `${String(made)} new, ${String(known)} known, ${String(closed.length)} closed.`,
    ...(full > 0
      ? [`${String(full)} were left: as many issues of events are open as \`max_open\` allows.`]
      : []),
  ];
  return plainOutcome(full > 0 ? "neutral" : "success", `Tasks of events: ${parts.join(" ")}`);
}
