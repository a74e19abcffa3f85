import { basename } from "node:path";

import { SkeinError } from "../../core/base/errors.ts";
import type { Taken } from "../../core/intake/index.ts";
import { parsePlan } from "../../core/plans/index.ts";
import type { PlanDraft } from "../../core/plans/index.ts";
import { keepProjectBudget } from "../../project-budget.ts";
import { plainOutcome } from "../context.ts";
import type { BotContext, HandlerOutcome } from "../context.ts";
import type { BotEvent } from "../event.ts";
import { openLedger } from "../workplace.ts";
import type { Workplace } from "../workplace.ts";
import { told } from "./checks.ts";
import { withIntake } from "./intake.ts";

export type Push = Extract<BotEvent, { readonly kind: "push" }>;

/**
 * Takes in the plans whose files a push to the default branch has changed: into the ledger where it outlives the run, else as an issue that says so.
 * Null: nothing is asked for.
 */
export async function takePlanFiles(
  context: BotContext,
  place: Workplace,
  push: Push,
): Promise<HandlerOutcome | null> {
  const { planFiles } = place.settings.github.tasks;
  if (planFiles.length === 0) {
    return null;
  }
  const changed: PlanFile[] = [];
  for (const path of planFiles) {
    const file = await changedFile(place, push, path);
    if (file !== null) {
      changed.push(file);
    }
  }
  if (changed.length === 0) {
    return plainOutcome("skipped", "The push changes no plan.");
  }
  return context.isDurable
    ? importAll(context, place, changed)
    : tellAll(context, place, { changed, sha: push.after });
}

interface PlanFile {
  readonly path: string;
  /** Null: it cannot be read as a plan. */
  readonly draft: PlanDraft | null;
  /** The fault, in our own words. */
  readonly fault: string | null;
}

async function changedFile(
  { host }: Workplace,
  { before, after }: Push,
  path: string,
): Promise<PlanFile | null> {
  const text = await host.files.read(path, after);
  const isNew = /^0+$/u.test(before);
  const old = text === null || isNew ? null : await host.files.read(path, before);
  return text === null || text === old ? null : readFile(path, text);
}

function readFile(path: string, text: string): PlanFile {
  try {
    return { path, draft: parsePlan({ text, fileName: basename(path) }), fault: null };
  } catch (error) {
    if (!(error instanceof SkeinError)) {
      throw error;
    }
    return { path, draft: null, fault: `${error.code} ${error.message}` };
  }
}

async function importAll(
  context: BotContext,
  place: Workplace,
  files: readonly PlanFile[],
): Promise<HandlerOutcome> {
  const project = await openLedger(context, place);
  const lines: string[] = [];
  try {
    for (const { path, draft, fault } of files) {
      if (draft === null) {
        context.log.warn(`${path} is no plan: ${fault ?? ""}`);
        lines.push(`${path} is no plan.`);
        continue;
      }
      const { plan, created, updated, canceled } = await project.skein.dispatch.importPlan(draft, {
        actor: "system",
        isDryRun: context.wishes.isDryRun,
      });
      const counts = [created, updated, canceled].map(({ length }) => String(length)).join("/");
      lines.push(`${plan}: ${counts} tasks new/changed/canceled.`);
    }
    await keepProjectBudget(project, context.env, place.settings);
  } finally {
    await project.skein.close();
  }
  const isWhole = files.every(({ draft }) => draft !== null);
  return plainOutcome(isWhole ? "success" : "failure", `Plans of files: ${lines.join(" ")}`);
}

async function tellAll(
  context: BotContext,
  place: Workplace,
  { changed, sha }: { readonly changed: readonly PlanFile[]; readonly sha: string },
): Promise<HandlerOutcome> {
  return withIntake(context, place, async (intake) => {
    const taken: Taken[] = [];
    for (const { path, draft } of changed) {
      const open = draft?.tasks.filter(({ isDone }) => !isDone).map(({ title }) => title) ?? null;
      taken.push(await intake.take({ kind: "plan-file", path, sha, open }));
    }
    return told(taken, []);
  });
}
