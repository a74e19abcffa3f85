/** What the order of tasks depends on. */
export interface GraphTask {
  readonly id: string;
  readonly dependsOn: readonly string[];
  readonly parent: string | null;
}

/** Who waits for whom, with what containers add. */
export interface TaskGraph {
  /** Tasks that have children. */
  readonly containers: ReadonlySet<string>;
  /** For a task: its dependencies and those of the containers around it. For a container: its children. */
  readonly edges: ReadonlyMap<string, ReadonlySet<string>>;
  /** How many tasks, containers not counted, wait for each. */
  readonly dependents: ReadonlyMap<string, number>;
  readonly edgeCount: number;
}

/** Links tasks to what they wait for. Every id that is named must exist, and there must be no cycle. */
export function linkTasks(tasks: readonly GraphTask[]): TaskGraph {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const children = new Map<string, Set<string>>();
  for (const { id, parent } of tasks) {
    if (parent !== null) {
      children.set(parent, (children.get(parent) ?? new Set()).add(id));
    }
  }
  const edges = new Map<string, ReadonlySet<string>>();
  const dependents = new Map<string, number>();
  let edgeCount = 0;
  for (const task of tasks) {
    const below = children.get(task.id);
    const waitsFor = below ?? dependenciesOf(task, byId);
    edges.set(task.id, waitsFor);
    edgeCount += waitsFor.size;
    for (const id of below === undefined ? waitsFor : []) {
      dependents.set(id, (dependents.get(id) ?? 0) + 1);
    }
  }
  return { containers: new Set(children.keys()), edges, dependents, edgeCount };
}

function dependenciesOf(
  task: GraphTask,
  byId: ReadonlyMap<string, GraphTask>,
): ReadonlySet<string> {
  const found = new Set(task.dependsOn);
  let above = task.parent === null ? undefined : byId.get(task.parent);
  while (above !== undefined) {
    for (const id of above.dependsOn) {
      found.add(id);
    }
    above = above.parent === null ? undefined : byId.get(above.parent);
  }
  return found;
}

/**
 * Finds a circle of tasks that wait for each other, as `[T1, T3, T1]`, or null.
 *
 * A child starts after the dependencies of its container, and a container ends after its children, so a task that depends on its own
 * container is a circle, too. Linear in tasks and dependencies.
 */
export function findCycle(tasks: readonly GraphTask[]): readonly string[] | null {
  const index = new Map(tasks.map((task, at) => [task.id, at]));
  const next = waitingEdges(tasks, index);
  const state = new Uint8Array(tasks.length * 2);
  for (let root = 0; root < next.length; root += 1) {
    const path = state[root] === 0 ? walk(root, next, state) : null;
    if (path !== null) {
      return namesOf(path, tasks);
    }
  }
  return null;
}

/** Each task is two nodes, its start (2i) and its end (2i + 1); an edge leads to what must come before. */
function waitingEdges(
  tasks: readonly GraphTask[],
  index: ReadonlyMap<string, number>,
): readonly (readonly number[])[] {
  const next: number[][] = Array.from({ length: tasks.length * 2 }, () => []);
  for (const [at, task] of tasks.entries()) {
    next[at * 2 + 1]?.push(at * 2);
    const parent = task.parent === null ? undefined : index.get(task.parent);
    if (parent !== undefined) {
      next[at * 2]?.push(parent * 2);
      next[parent * 2 + 1]?.push(at * 2 + 1);
    }
    for (const id of task.dependsOn) {
      const dependency = index.get(id);
      if (dependency !== undefined) {
        next[at * 2]?.push(dependency * 2 + 1);
      }
    }
  }
  return next;
}

const onPath = 1;
const finished = 2;

/** Depth first without recursion; the nodes of a circle, or null. */
function walk(
  root: number,
  next: readonly (readonly number[])[],
  state: Uint8Array,
): readonly number[] | null {
  const path = [root];
  const position = [0];
  state[root] = onPath;
  while (path.length > 0) {
    const node = path.at(-1) ?? root;
    const step = position.at(-1) ?? 0;
    const to = next[node]?.[step];
    position[position.length - 1] = step + 1;
    if (to === undefined) {
      state[node] = finished;
      path.pop();
      position.pop();
    } else if (state[to] === onPath) {
      return [...path.slice(path.indexOf(to)), to];
    } else if (state[to] === 0) {
      state[to] = onPath;
      path.push(to);
      position.push(0);
    }
  }
  return null;
}

function namesOf(path: readonly number[], tasks: readonly GraphTask[]): readonly string[] {
  const names = path.map((node) => tasks[Math.floor(node / 2)]?.id ?? "");
  const circle = names.filter((name, at) => at === 0 || name !== names[at - 1]);
  const [first = ""] = circle;
  return circle.at(-1) === first && circle.length > 1 ? circle : [...circle, first];
}

/** Orders ids so that each comes after all it waits for. The graph must have no cycle. */
export function inOrder(edges: TaskGraph["edges"]): readonly string[] {
  const waiting = new Map<string, number>();
  const back = new Map<string, string[]>();
  for (const [id, targets] of edges) {
    waiting.set(id, targets.size);
    for (const target of targets) {
      const list = back.get(target) ?? [];
      list.push(id);
      back.set(target, list);
    }
  }
  const order = [...edges.keys()].filter((id) => waiting.get(id) === 0);
  for (const id of order) {
    for (const waiter of back.get(id) ?? []) {
      const left = (waiting.get(waiter) ?? 1) - 1;
      waiting.set(waiter, left);
      if (left === 0) {
        order.push(waiter);
      }
    }
  }
  return order;
}
