import { SkeinError } from "../../base/errors.ts";
import type { Actor } from "../../base/ids.ts";
import type { ImportOptions, ImportResult, PlanDraft } from "../../plans/index.ts";
import type { Reader, Store } from "../../store/index.ts";
import { plannerErrors } from "../errors.ts";
import { toPlan } from "../to-plan.ts";
import type { Drafts, KeptDraft } from "./drafts.ts";
import { textHash } from "./record.ts";

export interface ApproveDeps {
  readonly store: Store;
  readonly drafts: Drafts;
  readonly importPlan: (draft: PlanDraft, options: ImportOptions) => Promise<ImportResult>;
  readonly readBase: () => Promise<{ readonly commit: string | null }>;
  /** As `PlannerDeps.readText`. */
  readonly readText: ((file: string) => Promise<string | null>) | null;
}

export interface ApproveRequest {
  /** Or its first 8 digits or more. */
  readonly hash: string;
  readonly actor: Actor;
  /** Looks, in the import's own transaction, whether this caller may change the plan; throws when not. Default: everybody may. */
  readonly permit?: ((reader: Reader, plan: string) => Promise<void>) | undefined;
}

/** An approved draft. */
export interface Approval {
  readonly hash: string;
  readonly result: ImportResult;
  /** True when it had been approved before. */
  readonly isAgain: boolean;
}

/** Compares a draft with what it was made of, then takes its plan in as a whole. */
export async function approveDraft(
  deps: ApproveDeps,
  { hash, actor, permit }: ApproveRequest,
): Promise<Approval> {
  const { store, drafts } = deps;
  const draft = await store.read(async (reader) => drafts.find(reader, hash));
  await needFresh(deps, draft);
  const { plan } = draft;
  const result = await deps.importPlan(toPlan(plan), {
    actor,
    permit: async (reader) => permit?.(reader, plan.id),
  });
  const isAgain = draft.approvedAtMs !== null;
  if (!isAgain) {
    await store.write(async (tx) => drafts.approve(tx, draft, actor));
  }
  return { hash: draft.hash, result, isAgain };
}

/** @throws {SkeinError} SKN-4841 */
async function needFresh(
  { readBase, readText }: ApproveDeps,
  { hash, base, source }: KeptDraft,
): Promise<void> {
  const { commit } = await readBase();
  if (commit !== base) {
    throw new SkeinError(plannerErrors.stale, {
      message: `The draft ${hash.slice(0, 12)} was made on ${shortOf(base)}, and the base is at ${shortOf(commit)} now.`,
      facts: { hash, base, now: commit },
    });
  }
  const { file } = source;
  if (file === null || readText === null) {
    return;
  }
  const text = await readText(file);
  if (text === null || textHash(text) !== source.sha256) {
    throw new SkeinError(plannerErrors.stale, {
      message: `The text of the draft ${hash.slice(0, 12)} has ${text === null ? "gone" : "changed"} since.`,
      facts: { hash },
    });
  }
}

function shortOf(commit: string | null): string {
  return commit === null ? "no commit" : commit.slice(0, 12);
}
