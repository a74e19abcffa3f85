import type { CodeHost, Issue, User } from "../hosting/index.ts";
import type { Work } from "../decomposition/index.ts";
import { bodyOf, happeningLabel, keyOf, readHappening, titleOf } from "./happening.ts";
import type { Happening } from "./happening.ts";
import { keepTasks } from "./tasks.ts";
import type { KeptTasks } from "./tasks.ts";

export interface IntakeDeps {
  readonly host: CodeHost;
  /** The most issues that events have open at once. */
  readonly mostOpen: number;
  /** The database's plans, where agents get the tasks; null where none outlives the run. */
  readonly work: Work | null;
}

export type Taken =
  /** `made`: a new issue; `told`: the open one says what is new; `known`: it says so already. */
  | { readonly kind: "known" | "made" | "told"; readonly issue: number }
  /** So many are open that no more are made. */
  | { readonly kind: "full"; readonly open: number };

/** Makes work of what happens on the code host: one issue for each thing, however often it is told. */
export interface Intake {
  take(happening: Happening): Promise<Taken>;
  /** Closes the issues of what is over, by its key; tells their numbers. */
  over(happenings: readonly Happening[]): Promise<readonly number[]>;
  /** Brings issues and tasks to say the same. */
  keep(): Promise<KeptTasks>;
}

/** The host is asked for at most so many issues of events. */
export const mostIssues = 200;

export function createIntake(deps: IntakeDeps): Intake {
  return {
    take: async (happening) => take(deps, happening),
    over: async (happenings) => over(deps, happenings),
    keep: async () => {
      const issues = await ownIssues(deps.host, "all");
      return keepTasks(deps, issues);
    },
  };
}

/** An issue that an event made, with what it is of. */
export interface EventIssue {
  readonly issue: Issue;
  readonly key: string;
}

async function ownIssues(host: CodeHost, state: "all" | "open"): Promise<readonly EventIssue[]> {
  const self: User = await host.self();
  const issues = await host.issues.list({ state, labels: [happeningLabel], limit: mostIssues });
  return issues.flatMap((issue) => {
    const line = readHappening(issue, self);
    return line === null ? [] : [{ issue, key: line.key }];
  });
}

/** The oldest open issue of a thing counts: two runs at once may each make one. */
async function take({ host, mostOpen }: IntakeDeps, happening: Happening): Promise<Taken> {
  const open = await ownIssues(host, "open");
  const key = keyOf(happening);
  const body = bodyOf(happening);
  const known = open.findLast((each) => each.key === key);
  if (known !== undefined) {
    const { number } = known.issue;
    if (isSame(known.issue.body, body)) {
      return { kind: "known", issue: number };
    }
    await host.issues.update(number, { body });
    return { kind: "told", issue: number };
  }
  if (open.length >= mostOpen) {
    return { kind: "full", open: open.length };
  }
  const labels = [happeningLabel];
  const made = await host.issues.create({ title: titleOf(happening), body, labels });
  return { kind: "made", issue: made.number };
}

function isSame(one: string, other: string): boolean {
  return one.replaceAll("\r\n", "\n").trimEnd() === other.trimEnd();
}

async function over(
  { host }: IntakeDeps,
  happenings: readonly Happening[],
): Promise<readonly number[]> {
  const keys = new Set(happenings.map((each) => keyOf(each)));
  const open = keys.size === 0 ? [] : await ownIssues(host, "open");
  const closed: number[] = [];
  for (const { issue, key } of open) {
    if (keys.has(key)) {
      const state = { isOpen: false, closedAs: "completed" } as const;
      await host.issues.update(issue.number, { state });
      closed.push(issue.number);
    }
  }
  return closed;
}
