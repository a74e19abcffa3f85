import type { DraftResult } from "../../core/planner/index.ts";
import type { ImportResult } from "../../core/plans/index.ts";
import { clip, preview } from "./text.ts";

/** What `propose_plan` answers. */
export interface Proposed {
  readonly session: string;
  readonly plan: string;
  readonly is_new: boolean;
  readonly dry_run: boolean;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly canceled: readonly string[];
  readonly kept: readonly string[];
  readonly deferred: readonly string[];
  readonly overlaps: readonly { readonly tasks: string[]; readonly files: string[] }[];
  /** The hash of what a model drafted; null where none did. */
  readonly draft: string | null;
  /** The draft as a tree of lines. */
  readonly tree: readonly string[];
  readonly next: string;
}

/** What an import changed, or would change. */
export function viewOf(result: ImportResult, session: string): Omit<Proposed, "dry_run" | "next"> {
  return {
    session,
    plan: result.plan,
    is_new: result.isNewPlan,
    created: result.created.length,
    updated: result.updated.length,
    unchanged: result.unchanged.length,
    canceled: cut(result.canceled),
    kept: cut(result.kept),
    deferred: cut(result.deferred),
    overlaps: result.overlaps.slice(0, 20).map(({ tasks, files }) => ({
      tasks: [...tasks],
      files: files.map((file) => clip(file, 60)),
    })),
    draft: null,
    tree: [],
  };
}

function cut(ids: readonly string[]): readonly string[] {
  return preview(ids, (id) => clip(id, 64)).rows;
}

/** What to do after an import. */
export function nextOf(
  { overlaps, isOverlapComplete, plan }: ImportResult,
  isDryRun: boolean,
): string {
  const pairs =
    overlaps.length === 1
      ? "1 pair of tasks shares"
      : `${String(overlaps.length)} pairs of tasks share`;
  const warning =
    overlaps.length === 0
      ? ""
      : `${isOverlapComplete ? "" : "At least "}${pairs} paths and cannot run at the same time. `;
  return isDryRun
    ? `${warning}Nothing was stored. Call again without dry_run.`
    : `${warning}Call next_task {plan: "${plan}"}.`;
}

const hashDigits = 16;
const mostLines = 40;

/** A draft that waits to be taken in. */
export function draftView(
  { hash, preview: seen, wouldImport, drafting }: DraftResult,
  session: string,
): Proposed {
  const draft = hash.slice(0, hashDigits);
  const usd = (drafting.cost.microUsd / 1e6).toFixed(6).replace(/\.?0+$/u, "");
  return {
    ...viewOf(wouldImport, session),
    dry_run: true,
    draft,
    tree: cutTree(seen.tree),
    next: `Nothing was stored yet; the draft cost ${usd} USD. Check tree against the goal, then call propose_plan {draft: "${draft}"}.`,
  };
}

function cutTree(lines: readonly string[]): readonly string[] {
  const shown = lines.slice(0, mostLines).map((line) => indented(line));
  const left = lines.length - shown.length;
  return left === 0 ? shown : [...shown, `… and ${String(left)} more lines`];
}

/** Indentation is what makes it a tree. */
function indented(line: string): string {
  const text = line.trimStart();
  return `${" ".repeat(line.length - text.length)}${clip(text, 100)}`;
}

/** The models are not done yet. */
export function stillDrafting(session: string, plan: string): Proposed {
  return {
    session,
    plan,
    is_new: false,
    dry_run: true,
    created: 0,
    updated: 0,
    unchanged: 0,
    canceled: [],
    kept: [],
    deferred: [],
    overlaps: [],
    draft: null,
    tree: [],
    next: "The models still plan. Call again with the same goal.",
  };
}
