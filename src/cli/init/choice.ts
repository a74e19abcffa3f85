import type { Repository } from "../../adapters/git/index.ts";
import type { Exclusion } from "./exclusion.ts";
import { mainWorktreeOf } from "./main-worktree.ts";
import { peekRecord } from "./record.ts";
import type { InitRecord } from "./record.ts";

/** What a run of `init` found out, and is to be remembered of it. */
export interface Noting {
  /** The top of the worktree. */
  readonly root: string;
  readonly names: readonly string[];
  /** True where a person named them with `--agents`; false for those that are found. */
  readonly isChosen: boolean;
  readonly exclusion: Pick<Exclusion, "excluded"> | null;
}

/** The record with what git passes over now, and with the agent programs that a person named for the worktree. */
export function noted(
  record: InitRecord,
  { root, names, isChosen, exclusion }: Noting,
): InitRecord {
  const others = record.chosen.filter((choice) => choice.root !== root);
  const chosen = isChosen ? [...others, { root, agents: names }] : others;
  return { ...record, excluded: exclusion?.excluded ?? record.excluded, chosen };
}

/**
 * The agent programs that a person named for a worktree, or for the main one where `init` did not run in this one; null where nobody named
 * any, or nothing can be read of it.
 */
export function choiceFor({ root, commonDir }: Repository): readonly string[] | null {
  const record = peekRecord(commonDir);
  const place = record?.worktrees.includes(root) === true ? root : mainWorktreeOf(root);
  return record?.chosen.find((choice) => choice.root === place)?.agents ?? null;
}
