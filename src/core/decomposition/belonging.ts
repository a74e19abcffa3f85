import { issueOfPlan, planIdOf } from "../base/issue-plan.ts";
import type { Issue, PullRequest } from "../hosting/index.ts";
import { SkeinError } from "../base/errors.ts";
import { readChildLine } from "./child.ts";
import type { ChildLine } from "./child.ts";
import { decompositionErrors } from "./errors.ts";
import { readKept } from "./keeping.ts";
import type { KeepingDeps } from "./keeping.ts";
import { proofsOf } from "./proof.ts";

/** What a pull request is for. */
export interface Belonging {
  /** At the top: the one whose budget holds the pull request's reviews. */
  readonly issue: number;
  /** `PLAN/TASK` of the tasks that it completes. */
  readonly tasks: readonly string[];
}

const closing = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]+#([1-9]\d{0,9})(?!\w)/giu;
const taskLine = /^Skein-Task: (gh-[1-9]\d{0,9})\/([\w.-]{1,64})[ \t]*$/gmu;

/** So many issues that a text names are looked at. */
const mostNamed = 3;
/** The most of a text that is read. */
const maxChars = 65_536;

/**
 * Finds the issue that a pull request is for: by what its text closes, or by the tasks that it names. The first decides. The text of a fork says
 * nothing: a stranger could use an issue's budget up with a sentence. One call for each issue that is named, at most three; with a key one more for
 * each child of ours.
 */
export async function belongingOf(
  deps: Proving,
  { body, isFork }: Pick<PullRequest, "body" | "isFork">,
): Promise<Belonging | null> {
  if (isFork) {
    return null;
  }
  const text = body.slice(0, maxChars);
  const named = [...text.matchAll(taskLine)].flatMap(([, plan = "", task = ""]) => {
    const issue = issueOfPlan(plan);
    return issue === null ? [] : [{ issue, tasks: [`${plan}/${task}`] }];
  });
  return joined([...named, ...(await closedBy(deps, text))]);
}

/** Where children are read, and what signs their lines. */
type Proving = Pick<KeepingDeps, "host" | "sign">;

async function closedBy(deps: Proving, text: string): Promise<readonly Belonging[]> {
  const numbers = new Set([...text.matchAll(closing)].map((match) => Number(match[1])));
  const found: Belonging[] = [];
  for (const number of [...numbers].slice(0, mostNamed)) {
    const issue = await deps.host.issues.get(number);
    if (issue !== null && !issue.isPullRequest) {
      found.push(await placeOf(deps, issue));
    }
  }
  return found;
}

/** A child that our own account made belongs to its parent. */
async function placeOf(deps: Proving, { number, author, body }: Issue): Promise<Belonging> {
  const line = readChildLine(body);
  const isOwn = line !== null && author.id === (await deps.host.self()).id;
  if (!isOwn || !(await isProven(deps, line))) {
    return { issue: number, tasks: [] };
  }
  return { issue: line.parent, tasks: [`${planIdOf(line.parent)}/${line.key}`] };
}

/**
 * With a key other programs of the same account make no child, whatever line they write. A parent whose own state cannot be read proves nothing, and keeps
 * no pull request from its review: so it is with all plans that are older than the key.
 */
async function isProven(deps: Proving, { parent, key, proof }: ChildLine): Promise<boolean> {
  if (deps.sign === null) {
    return true;
  }
  try {
    const { state } = await readKept({ ...deps, findDraft: null }, parent);
    return state !== null && proofsOf(deps, parent, state.hash)(key) === proof;
  } catch (error) {
    const isWithout =
      error instanceof SkeinError &&
      (error.kind === "missing" || error.code === decompositionErrors.brokenState.code);
    if (isWithout) {
      return false;
    }
    throw error;
  }
}

function joined(all: readonly Belonging[]): Belonging | null {
  const [first] = all;
  if (first === undefined) {
    return null;
  }
  const tasks = all.filter(({ issue }) => issue === first.issue).flatMap((each) => each.tasks);
  return { issue: first.issue, tasks: [...new Set(tasks)] };
}
