import { SkeinError } from "../base/errors.ts";
import type { Actor } from "../base/ids.ts";
import { randomToken } from "../base/ids.ts";
import type { Random } from "../base/clock.ts";
import type { Price } from "../costs/index.ts";
import type { Events } from "../events/index.ts";
import { createTextIntersector } from "../leases/index.ts";
import type { Leases, PathPattern, PathPolicy } from "../leases/index.ts";
import type {
  ImportOptions,
  ImportResult,
  OverlapSearch,
  PlanDraft,
  Plans,
} from "../plans/index.ts";
import type { Store } from "../store/index.ts";
import type { PlannerModels } from "./asking/asking.ts";
import { approveDraft } from "./keeping/approve.ts";
import type { Approval, ApproveRequest } from "./keeping/approve.ts";
import { createDrafts } from "./keeping/drafts.ts";
import type { KeptDraft } from "./keeping/drafts.ts";
import { textHash } from "./keeping/record.ts";
import { createTree } from "./checks/tree.ts";
import type { Tree } from "./checks/tree.ts";
import type { DraftPlan, PlanSource } from "./draft.ts";
import type { Drafted, DraftingDeps } from "./drafted.ts";
import { draftByReader } from "./reading/draft-by-reader.ts";
import { plannerErrors } from "./errors.ts";
import { planIdOf, slugOf } from "./plan-id.ts";
import { estimatesOf } from "./preview/estimate.ts";
import type { Estimate } from "./preview/estimate.ts";
import { previewOf } from "./preview/preview.ts";
import type { PlanPreview } from "./preview/preview.ts";
import { toPlan } from "./to-plan.ts";

/** The repository at the commit that work starts from. */
export interface Base {
  /** Null in a repository without a commit. */
  readonly commit: string | null;
  /** Its files. */
  readonly paths: readonly string[];
}

/** What the planner is made of. */
export interface PlannerDeps {
  readonly store: Store;
  readonly events: Events;
  readonly plans: Plans;
  readonly leases: Leases;
  readonly parsePath: (text: string) => PathPattern;
  readonly policy: PathPolicy;
  readonly random: Random;
  /** Takes a plan in, all or nothing. */
  readonly importPlan: (draft: PlanDraft, options: ImportOptions) => Promise<ImportResult>;
  readonly readBase: () => Promise<Base>;
  /** Opened when a plan needs one. @throws {SkeinError} where no model can be asked. */
  readonly models: () => Promise<PlannerModels>;
  /** What the tasks' work is priced by; null: not known. */
  readonly price: () => Promise<Price | null>;
  /** The text of a file now; null when it cannot be read. Null itself: the files of drafts are of other machines, and nothing is compared. */
  readonly readText: ((file: string) => Promise<string | null>) | null;
}

export interface DraftRequest {
  readonly source: PlanSource;
  /** Default: named after the file, or the goal's first words. */
  readonly id?: string | undefined;
  /** Default `auto`: the text's own list where it has one, else a model. */
  readonly by?: "auto" | "reader" | "model" | undefined;
  readonly actor: Actor;
  readonly signal: AbortSignal;
}

/** A draft with all that is to be seen before it is approved. */
export interface DraftResult extends KeptDraft {
  readonly preview: PlanPreview;
  /** What each task that is handed out is expected to take, by its id. */
  readonly estimates: Readonly<Record<string, Estimate>>;
  /** What approving would change, without a write. */
  readonly wouldImport: ImportResult;
  readonly drafting: Omit<Drafted, "plan">;
}

/** From a goal to a plan that is safe for parallel agents; nothing is handed out before somebody approves it. */
export interface Planner {
  /** @throws {SkeinError} SKN-0841, SKN-1841 to SKN-1843, SKN-2841, SKN-8841, SKN-14xx of the text's own list, SKN-x75x of the models. */
  draft(request: DraftRequest): Promise<DraftResult>;
  /** Takes a kept draft in, all of it or nothing; again it changes nothing. @throws {SkeinError} SKN-1844, SKN-4841, SKN-5841. */
  approve(request: ApproveRequest): Promise<Approval>;
  /** A kept draft, by its hash or the first 8 digits or more. @throws {SkeinError} SKN-1844, SKN-5841. */
  find(hash: string): Promise<KeptDraft>;
}

/** The most that is planned at once, in characters. */
export const mostSourceChars = 200_000;

export function createPlanner(deps: PlannerDeps): Planner {
  const drafts = createDrafts(deps);
  return {
    draft: async (request) => {
      checkSource(request.source);
      const base = await deps.readBase();
      const tree = createTree({ paths: base.paths, policy: deps.policy, parse: deps.parsePath });
      const drafted = await draftPlan(deps, request, tree);
      const { kind, file, text } = request.source;
      const record = {
        plan: drafted.plan,
        origin: drafted.origin,
        source: { kind, file, sha256: textHash(text) },
        base: base.commit,
      };
      const shown = await show(deps, drafted.plan, request.actor);
      const hash = await deps.store.write(async (tx) => drafts.keep(tx, record, request.actor));
      const kept = await deps.store.read(async (reader) => drafts.find(reader, hash));
      const { plan: _, ...drafting } = drafted;
      return { ...kept, ...shown, drafting };
    },
    approve: async (request) => approveDraft({ ...deps, drafts }, request),
    find: async (hash) => deps.store.read(async (reader) => drafts.find(reader, hash)),
  };
}

/** @throws {SkeinError} SKN-1841, SKN-1842 */
function checkSource({ text }: PlanSource): void {
  if (text.trim() === "") {
    throw new SkeinError(plannerErrors.noSource, { message: "The text to plan is empty." });
  }
  if (text.length > mostSourceChars) {
    throw new SkeinError(plannerErrors.sourceTooLarge, {
      message: `The text has ${String(text.length)} characters; at most ${String(mostSourceChars)} are planned at once.`,
    });
  }
}

async function draftPlan(deps: PlannerDeps, request: DraftRequest, tree: Tree): Promise<Drafted> {
  const { source, by = "auto", signal } = request;
  const id = request.id === undefined ? planIdOf(source) : slugOf(request.id, "plan");
  const search = searchOf(deps);
  const drafting: DraftingDeps = { tree, search, random: deps.random };
  const read = by === "model" ? null : draftByReader(drafting, source, id);
  if (read !== null) {
    return read;
  }
  if (by === "reader") {
    throw new SkeinError(plannerErrors.noChecklist);
  }
  const before = await deps.store.read(async (reader) =>
    (await deps.plans.findPlan(reader, id)) === null
      ? []
      : deps.plans.listTasks(reader, { plan: id, limit: 200 }),
  );
  const models = await deps.models();
  const run = `draft-${randomToken(deps.random).slice(0, 10)}`;
  // What reads answers is loaded only now: a checklist does without.
  const { draftByModel } = await import("./asking/draft-by-model.ts");
  return draftByModel(drafting, { source, id, before, models, run, signal });
}

function searchOf({ parsePath, policy }: PlannerDeps): OverlapSearch {
  return () => createTextIntersector(parsePath, policy);
}

async function show(
  deps: PlannerDeps,
  plan: DraftPlan,
  actor: Actor,
): Promise<Pick<DraftResult, "preview" | "estimates" | "wouldImport">> {
  const leases = await deps.store.read(async (reader) => deps.leases.list(reader));
  const price = await deps.price();
  return {
    preview: previewOf(plan, { price, leases, search: searchOf(deps) }),
    estimates: estimatesOf(plan, price),
    wouldImport: await deps.importPlan(toPlan(plan), { actor, isDryRun: true }),
  };
}
