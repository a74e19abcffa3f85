import { SkeinError } from "../../base/errors.ts";
import type { MicroUsd } from "../../base/ids.ts";
import { unshownComment } from "../comment.ts";
import type { DecompositionDeps } from "../deps.ts";
import { readKept, shownText, withState, writeKept } from "../keeping.ts";
import type { Kept } from "../keeping.ts";
import { noPulls } from "../money.ts";
import type { ProposedDraft } from "../preview.ts";
import { ownNumber } from "../reading.ts";
import { besides } from "../runs.ts";
import type { PlanState } from "../state.ts";

interface Uncounted {
  readonly number: number;
  readonly kept: Kept;
  readonly drafted: ProposedDraft;
  /** Why the draft is not shown, as the beginning of a sentence. */
  readonly why: string;
  /** The run whose money was set aside for it; null: none was. */
  readonly run: string | null;
}

/** A draft that is not shown cost money all the same, and where no database outlives the run only our comment can hold it. What the comment shows stays. */
export async function count(
  deps: DecompositionDeps,
  { drafted, ...uncounted }: Uncounted,
): Promise<void> {
  const { hash, source, base } = drafted;
  const blank = unplanned({ hash, source: source.sha256, base });
  await add(deps, { ...uncounted, blank, cost: drafted.drafting.cost.microUsd });
}

interface Failed extends Pick<Uncounted, "number" | "run"> {
  readonly error: unknown;
  /** SHA-256 of the issue's title and body, in hex. */
  readonly source: string;
}

/**
 * The same where no draft came of what was spent. What could not be noted hides no failure; and where what stands there now cannot be read, nothing is
 * noted: what stood there before would be written over it.
 */
export async function countFailed(
  deps: DecompositionDeps,
  { number, run, error, source }: Failed,
): Promise<void> {
  if (!(error instanceof SkeinError)) {
    return;
  }
  const cost = ownNumber(error.facts, "cost_micro_usd") ?? 0;
  const blank = unplanned({ hash: source, source, base: null });
  const why = `No answer was a plan that can be shown (${error.code})`;
  try {
    const kept = await readKept(deps, number);
    await add(deps, { number, kept, run, why, blank, cost });
  } catch (unnoted) {
    if (!(unnoted instanceof SkeinError)) {
      throw unnoted;
    }
  }
}

interface Addition extends Pick<Uncounted, "kept" | "number" | "run" | "why"> {
  /** Where nothing was kept before. */
  readonly blank: PlanState;
  readonly cost: MicroUsd;
}

async function add(
  deps: DecompositionDeps,
  { number, kept: { comment, state }, run, why, blank, cost }: Addition,
): Promise<void> {
  const before = state ?? blank;
  const settled = besides(before, run);
  const isOpen = settled.openRuns.length < before.openRuns.length;
  if (cost === 0 && !isOpen) {
    return;
  }
  const text =
    comment === null || state === null || isBlank(state)
      ? unshownComment(why, cost)
      : shownText(comment);
  const next = { ...settled, plannedMicroUsd: settled.plannedMicroUsd + cost };
  const body = withState(deps, number, { text, state: next });
  await writeKept(deps, { issue: number, comment, body });
}

/** True where no draft was ever shown. */
function isBlank({ phase, draft, hash }: PlanState): boolean {
  return phase === "whole" && draft === hash;
}

/** No plan that anybody could approve: its hash is one that was never shown. */
export function unplanned({
  hash,
  source,
  base,
}: Pick<PlanState, "base" | "hash" | "source">): PlanState {
  return {
    ...noPulls,
    phase: "whole",
    hash,
    source,
    base,
    plan: null,
    draft: hash,
    estimatedMicroUsd: null,
    plannedMicroUsd: 0,
    openRuns: [],
    ledgerMicroUsd: 0,
    approvedBy: null,
    links: "native",
    children: [],
  };
}
