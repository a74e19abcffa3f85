import type { MicroUsd } from "../base/ids.ts";
import { cleanLine, cleanText } from "../base/text.ts";
import { containersOf, estimateTask, specOf } from "../planner/index.ts";
import type { DraftPlan, DraftTask } from "../planner/index.ts";
import type { Priority } from "../plans/index.ts";
import { textHash } from "./text-hash.ts";

/** What one child issue is to be. Its texts are others' words: an issue's, or a model's. */
export interface PlannedChild {
  /** Names the child within its issue, for ever: letters, digits, `_`, `.`, `-`; at most 48. */
  readonly key: string;
  readonly title: string;
  readonly outcome: string;
  /** Paths and globs that its claim leases. */
  readonly scope: readonly string[];
  readonly accept: readonly string[];
  readonly minutes: number;
  /** Keys of children that must be done before. */
  readonly dependsOn: readonly string[];
  readonly skills: readonly string[];
  readonly priority: Priority;
  /** What an agent reads beside all that: file operations, commands, the source's own words. */
  readonly spec: string;
  readonly tokens: number;
  /** Null where no price is known. */
  readonly microUsd: MicroUsd | null;
}

/** The children of one issue, each after those that it depends on. */
export interface ChildrenPlan {
  /** The Skein plan's id, as `gh-12`. */
  readonly id: string;
  readonly title: string;
  /** Why it is split, or not; empty where nobody said. */
  readonly reason: string;
  readonly children: readonly PlannedChild[];
}

/** GitHub allows 100 children, and people overlook more than a few. */
export const mostChildren = 8;

const keyChars = 48;
const specChars = 4_000;

/**
 * Makes one level of children out of a draft: its open tasks without the containers around them, whose dependencies pass on to what stands
 * inside. What the source ticks is done and makes no child.
 */
export function childrenOf(
  { id, title, reason, tasks }: DraftPlan,
  estimatedMicroUsd: MicroUsd | null,
): ChildrenPlan {
  const containers = containersOf(tasks);
  const open = openOf(tasks);
  const keys = keysOf(tasks);
  const edges = edgesOf(tasks, containers);
  const minutes = open.reduce((sum, task) => sum + task.minutes, 0);
  const share = (task: DraftTask): MicroUsd | null =>
    estimatedMicroUsd === null || minutes === 0
      ? null
      : Math.ceil((estimatedMicroUsd * task.minutes) / minutes);
  const children = open.map((task) => ({
    ...childOf(task, share(task)),
    key: keys.get(task.id) ?? task.id,
    dependsOn: [...(edges.get(task.id) ?? [])].flatMap((other) => keys.get(other) ?? []),
  }));
  return {
    id,
    title: cleanLine(title, 200),
    reason: cleanText(reason, 1_000),
    children: inOrder(children),
  };
}

function openOf(tasks: readonly DraftTask[]): readonly DraftTask[] {
  const containers = containersOf(tasks);
  return tasks.filter((task) => !containers.has(task.id) && !task.isDone);
}

function childOf(
  task: DraftTask,
  microUsd: MicroUsd | null,
): Omit<PlannedChild, "dependsOn" | "key"> {
  const { minutes, scope, skills, priority } = task;
  const { inputTokens, outputTokens } = estimateTask(minutes, null);
  return {
    title: cleanLine(task.title, 200),
    outcome: cleanText(task.outcome === "" ? task.title : task.outcome, 1_000),
    scope: scope.slice(0, 50),
    accept: task.accept.slice(0, 20).map((text) => cleanLine(text, 300)),
    minutes,
    skills,
    priority,
    spec: cleanText(specOf(task), specChars),
    tokens: inputTokens + outputTokens,
    microUsd,
  };
}

/**
 * The keys of a draft's open tasks by their ids. Later attempts are named by `.r` and a number behind the key, which no key may end in
 * itself.
 */
export function keysOf(tasks: readonly DraftTask[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  return new Map(
    openOf(tasks).map(({ id }) => {
      const plain = id.replaceAll(/[^\w.-]/gu, "-").slice(0, keyChars);
      const start = plain.replace(/\.r(?=\d+$)/u, "-r");
      let key = start;
      for (let number = 2; taken.has(key); number += 1) {
        key = `${start.slice(0, keyChars - 4)}-${String(number)}`;
      }
      taken.add(key);
      return [id, key];
    }),
  );
}

/** What each task outside of containers waits for, containers resolved into the tasks inside. Each container is resolved once. */
function edgesOf(
  tasks: readonly DraftTask[],
  containers: ReadonlySet<string>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const inside = remembered((id): ReadonlySet<string> =>
    containers.has(id)
      ? new Set(tasks.filter(({ parent }) => parent === id).flatMap((task) => [...inside(task.id)]))
      : new Set([id]),
  );
  const edges = remembered((id): ReadonlySet<string> => {
    const task = byId.get(id);
    const own = [...new Set(task?.dependsOn)].flatMap((other) => [...inside(other)]);
    const parent = task?.parent ?? null;
    return new Set([...own, ...(parent === null ? [] : edges(parent))]);
  });
  return new Map(tasks.map(({ id }) => [id, edges(id)]));
}

function remembered<T>(find: (id: string) => T): (id: string) => T {
  const known = new Map<string, T>();
  return (id) => {
    const before = known.get(id);
    const value = before ?? find(id);
    known.set(id, value);
    return value;
  };
}

/** Each after those that it waits for, else as they stand; what waits in a circle stays last. */
function inOrder(children: readonly PlannedChild[]): readonly PlannedChild[] {
  const placed: PlannedChild[] = [];
  const names = new Set<string>();
  let left = children;
  for (let before = -1; before !== placed.length;) {
    before = placed.length;
    const next = left.find(({ dependsOn }) => dependsOn.every((key) => names.has(key)));
    if (next !== undefined) {
      placed.push(next);
      names.add(next.key);
      left = left.filter((child) => child !== next);
    }
  }
  return [...placed, ...left];
}

/** Names a scope, whatever the order in which it is written. */
export function scopeDigest(scope: readonly string[]): string {
  return textHash(JSON.stringify([...new Set(scope)].toSorted())).slice(0, 12);
}
