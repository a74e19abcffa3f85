import { planErrors } from "./errors.ts";
import type { PlanFault } from "./errors.ts";
import type { TreeResult } from "./json-tree.ts";
import { listNode, readBody } from "./markdown-body.ts";
import type { Body } from "./markdown-body.ts";
import { readChecklist } from "./markdown-items.ts";
import type { Checklist, ChecklistItem } from "./markdown-items.ts";
import { readMarks } from "./markdown-marks.ts";
import type { Marks } from "./markdown-marks.ts";
import type { Place, TextEntry, TextNode } from "./text-tree.ts";
import { readYaml } from "./yaml-tree.ts";

/** A checklist as the tree of a plan file, and which of its tasks are ticked. */
export interface MarkdownResult {
  readonly tree: TreeResult;
  readonly ticks: readonly boolean[];
  /** What is wrong and leaves the rest readable. */
  readonly faults: readonly PlanFault[];
}

/** Reads a GitHub-style checklist as if it were a plan file in YAML. */
export function readMarkdown(text: string): MarkdownResult {
  const lines = text.split(/\r?\n/u);
  const front = readFrontMatter(lines);
  if (front.tree.kind === "faults") {
    return { tree: front.tree, ticks: [], faults: [] };
  }
  const checklist = readChecklist(lines, front.end);
  if (checklist.items.length === 0) {
    const tree = { kind: "faults", faults: [noItems(front.end + 1)] } as const;
    return { tree, ticks: [], faults: checklist.almost.map(almostFault) };
  }
  const { root } = front.tree;
  const at: Place = { line: 1, column: 1 };
  const written = root.kind === "map" ? root.entries : [];
  const items = checklist.items.map((item) => ({
    item,
    marks: readMarks(item.line),
    body: readBody(item.body),
  }));
  const entries = [...written, ...titleOf(checklist, written), tasksOf(items)];
  return {
    tree: { kind: "tree", root: { kind: "map", entries, at } },
    ticks: checklist.items.map(({ isTicked }) => isTicked),
    faults: [...checklist.almost.map(almostFault), ...items.flatMap(namelessFaults)],
  };
}

/** A task that was to wait for another would otherwise wait for nothing. */
function namelessFaults({ item, marks, body }: Item, index: number): readonly PlanFault[] {
  const inTitle = marks.nameless === null ? [] : [{ word: marks.nameless, at: item.at }];
  return [...inTitle, ...body.nameless].map(({ word, at }) => ({
    entry: planErrors.planValue,
    message: `No task is named after \`${word}:\`.`,
    fix: `Name tasks there, as \`${word}: T1, #2\` or an id in backticks, or take it out; a title that has such words stands in a line \`title: "…"\` below its item.`,
    path: `tasks[${String(index)}].depends_on`,
    line: at.line,
    column: at.column,
  }));
}

/** A task that is meant would otherwise be none. */
function almostFault({ line, column }: Place): PlanFault {
  return {
    entry: planErrors.planValue,
    message:
      "This looks like a task, and its box is neither `[ ]` nor `[x]` with a space behind it.",
    fix: "Write `- [ ] Title` or `- [x] Title`; put the brackets in backticks where no task is meant.",
    path: "tasks",
    line,
    column,
  };
}

function noItems(line: number): PlanFault {
  return {
    entry: planErrors.planMissing,
    message: "The Markdown has no checklist item.",
    fix: "Write tasks as `- [ ] T1: Title`.",
    path: "tasks",
    line,
    column: 1,
  };
}

interface FrontMatter {
  readonly tree: TreeResult;
  /** How many lines it takes. */
  readonly end: number;
}

function readFrontMatter(lines: readonly string[]): FrontMatter {
  const nothing: TextNode = { kind: "map", entries: [], at: { line: 1, column: 1 } };
  const close = lines[0]?.trimEnd() === "---" ? lines.indexOf("---", 1) : -1;
  if (close < 0) {
    const tree = isOpened(lines) ? noEnd : { kind: "tree" as const, root: nothing };
    return { tree, end: 0 };
  }
  const inner = lines.slice(1, close);
  if (inner.every((line) => line.trim() === "")) {
    return { tree: { kind: "tree", root: nothing }, end: close + 1 };
  }
  return { tree: readYaml(["", ...inner].join("\n")), end: close + 1 };
}

/** A rule may stand at the top of any text; a key of a plan below it makes it front matter, which would be taken for prose. */
function isOpened([first, second]: readonly string[]): boolean {
  return first?.trimEnd() === "---" && /^(?:plan|title|verify|budget_usd)\s*:/u.test(second ?? "");
}

const noEnd: TreeResult = {
  kind: "faults",
  faults: [
    {
      entry: planErrors.planSyntax,
      message: "The front matter that begins here has no end.",
      fix: "Write a line `---` below its last key.",
      path: "",
      line: 1,
      column: 1,
    },
  ],
};

function titleOf(checklist: Checklist, written: readonly TextEntry[]): readonly TextEntry[] {
  const { title } = checklist;
  if (title === null || written.some(({ key }) => key === "title")) {
    return [];
  }
  return [textEntry("title", title.text, title.at)];
}

interface Item {
  readonly item: ChecklistItem;
  readonly marks: Marks;
  readonly body: Body;
}

function tasksOf(items: readonly Item[]): TextEntry {
  const ids = idsOf(items);
  const byNumber = new Map<number, string>();
  for (const [index, { marks }] of items.entries()) {
    const id = ids[index];
    if (marks.number !== null && id !== undefined && !byNumber.has(marks.number)) {
      byNumber.set(marks.number, id);
    }
  }
  const resolve = (reference: string): string => {
    const number = /^#(\d{1,6})$/u.exec(reference)?.[1];
    if (number === undefined) {
      return reference;
    }
    return byNumber.get(Number(number)) ?? ids[Number(number) - 1] ?? `T${number}`;
  };
  const at: Place = items[0]?.item.at ?? { line: 1, column: 1 };
  const nodes = items.map((each, index) =>
    taskNode({ ...each, id: ids[index] ?? "", parent: parentOf(each.item, ids), resolve }),
  );
  return { key: "tasks", keyAt: at, value: { kind: "list", items: nodes, at } };
}

function parentOf(item: ChecklistItem, ids: readonly string[]): string | null {
  return item.parent === null ? null : (ids[item.parent] ?? null);
}

/** Written ids stay; `#3` becomes `T3`; the others are numbered by their place, past what is taken. */
function idsOf(items: readonly Item[]): readonly string[] {
  const written = items.map(({ marks }) =>
    marks.number === null ? marks.id : `T${String(marks.number)}`,
  );
  const taken = new Set(written);
  let next = items.length;
  return written.map((id, index) => {
    if (id !== null) {
      return id;
    }
    let own = `T${String(index + 1)}`;
    while (taken.has(own)) {
      next += 1;
      own = `T${String(next)}`;
    }
    taken.add(own);
    return own;
  });
}

interface TaskText extends Item {
  readonly id: string;
  readonly parent: string | null;
  readonly resolve: (reference: string) => string;
}

/** Said twice, these add up; of the others the last word counts. */
const joinedKeys: ReadonlySet<string> = new Set(["files", "depends_on", "skills", "accept"]);

function taskNode({ item, marks, body, id, parent, resolve }: TaskText): TextNode {
  const { at } = item;
  const said = new Map<string, TextEntry>();
  const add = (entry: TextEntry): void => {
    const before = said.get(entry.key);
    const isJoined = joinedKeys.has(entry.key) && before !== undefined;
    said.set(entry.key, isJoined ? joinLists(before, entry) : entry);
  };
  add(textEntry("id", id, at));
  add(textEntry("title", marks.title, at));
  add(textEntry("spec", body.spec, at));
  add({ key: "files", keyAt: at, value: listNode(marks.files, at) });
  add({ key: "depends_on", keyAt: at, value: listNode(marks.dependsOn, at) });
  add({ key: "skills", keyAt: at, value: listNode(marks.skills, at) });
  add({ key: "priority", keyAt: at, value: { kind: "scalar", value: marks.priority, at } });
  add({ key: "minutes", keyAt: at, value: { kind: "scalar", value: marks.minutes, at } });
  add({ key: "parent", keyAt: at, value: { kind: "scalar", value: parent, at } });
  for (const field of body.fields) {
    add(field);
  }
  const entries = [...said.values()].map((entry) =>
    entry.key === "depends_on" ? { ...entry, value: resolved(entry.value, resolve) } : entry,
  );
  return { kind: "map", entries, at };
}

function textEntry(key: string, value: string, at: Place): TextEntry {
  return { key, keyAt: at, value: { kind: "scalar", value, at } };
}

function joinLists(left: TextEntry, right: TextEntry): TextEntry {
  const items = [left, right].flatMap(({ value }) => (value.kind === "list" ? value.items : []));
  return { ...right, value: { kind: "list", items, at: right.value.at } };
}

function resolved(node: TextNode, resolve: (reference: string) => string): TextNode {
  if (node.kind !== "list") {
    return node;
  }
  const items = node.items.map((item): TextNode =>
    item.kind === "scalar" && typeof item.value === "string"
      ? { ...item, value: resolve(item.value) }
      : item,
  );
  return { ...node, items };
}
