import { issueOfPlan, planIdOf } from "../base/issue-plan.ts";
import type { CodeHost, Issue, PullRequest } from "../hosting/index.ts";
import { readChildLine } from "./child.ts";

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
 * nothing: a stranger could use an issue's budget up with a sentence. One call for each issue that is named, at most three.
 */
export async function belongingOf(
  host: CodeHost,
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
  return joined([...named, ...(await closedBy(host, text))]);
}

async function closedBy(host: CodeHost, text: string): Promise<readonly Belonging[]> {
  const numbers = new Set([...text.matchAll(closing)].map((match) => Number(match[1])));
  const found: Belonging[] = [];
  for (const number of [...numbers].slice(0, mostNamed)) {
    const issue = await host.issues.get(number);
    if (issue !== null && !issue.isPullRequest) {
      found.push(await placeOf(host, issue));
    }
  }
  return found;
}

/** A child that our own account made belongs to its parent. */
async function placeOf(host: CodeHost, { number, author, body }: Issue): Promise<Belonging> {
  const line = readChildLine(body);
  if (line === null || author.id !== (await host.self()).id) {
    return { issue: number, tasks: [] };
  }
  return { issue: line.parent, tasks: [`${planIdOf(line.parent)}/${line.key}`] };
}

function joined(all: readonly Belonging[]): Belonging | null {
  const [first] = all;
  if (first === undefined) {
    return null;
  }
  const tasks = all.filter(({ issue }) => issue === first.issue).flatMap((each) => each.tasks);
  return { issue: first.issue, tasks: [...new Set(tasks)] };
}
