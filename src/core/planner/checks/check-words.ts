import { levelsOf } from "../draft.ts";
import type { DraftPlan, DraftTask } from "../draft.ts";
import type { DraftFault } from "./fault.ts";

/** Words that say nothing of what is done to what: a title of these alone is filler. */
const empty = new Set(
  `a all an and any as at be better by code codebase core do done everything existing features few final first for
  from functionality general good in into issue issues it its key last main make many misc miscellaneous more needed
  necessary new of on or other our overall part parts performance possible project proper quality remaining required
  some step steps stuff system task tasks that the their them things this to up various where with work
  add address adjust apply assure build change changes check clean cleanup complete continue create debug develop
  document documentation docs enhance ensure finalize finish fix fixes fixing handle implement implementation
  implementing improve improvement improvements improving investigate maintain manage optimise optimize organise
  organize perform plan polish prepare refactor refactoring refine research resolve review start support test testing
  tests tidy tweak update updates updating verify write bug bugs error errors logic requirements polishing solution`
    .split(/\s+/u)
    .filter((word) => word !== ""),
);

const likenessOfTwins = 0.85;

/** Checks that every title names something, and that no two siblings are the same task. */
export function checkWords({ tasks, isSplit }: DraftPlan): readonly DraftFault[] {
  return [...checkFiller(tasks), ...(isSplit ? checkTwins(tasks) : [])];
}

function checkFiller(tasks: readonly DraftTask[]): readonly DraftFault[] {
  return tasks
    .filter(({ title }) => isFiller(title))
    .map(({ id, title }) => ({
      rule: "filler",
      tasks: [id],
      message: `${id} is called ${JSON.stringify(title)}, which names nothing. Say what changes in which part, or leave it out.`,
    }));
}

/** True for a title that would fit any project. */
export function isFiller(title: string): boolean {
  const words = wordsOf(title);
  return words.every((word) => empty.has(word));
}

function wordsOf(title: string): readonly string[] {
  return title.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}_.-]*/gu) ?? [];
}

function checkTwins(tasks: readonly DraftTask[]): readonly DraftFault[] {
  return levelsOf(tasks).flatMap(({ children }) => {
    const named = children.map((task) => ({ task, words: new Set(wordsOf(task.title)) }));
    return named.flatMap((left, at) =>
      named
        .slice(at + 1)
        .filter((right) => likeness(left.words, right.words) >= likenessOfTwins)
        .map((right) => ({
          rule: "duplicate" as const,
          tasks: [left.task.id, right.task.id],
          message: `${left.task.id} and ${right.task.id} say the same: ${JSON.stringify(left.task.title)}. Merge them, or say how they differ.`,
        })),
    );
  });
}

/** Words in common, as a part of all words of both. */
function likeness(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const common = [...left].filter((word) => right.has(word)).length;
  const all = left.size + right.size - common;
  return all === 0 ? 1 : common / all;
}
