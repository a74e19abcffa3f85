import { SkeinError } from "../../core/base/errors.ts";
import { isLooseObject, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { initErrors } from "./errors.ts";
import { appendItem, itemsAt, nodeAt, removeValue, replaceItem, setValue } from "./json-edit.ts";
import type { JsonPath } from "./json-edit.ts";
import { readJsonc, toData } from "./jsonc.ts";
import type { JsonNode } from "./jsonc.ts";

/** One entry of a host's hook list. */
export interface HookEntry {
  /** The host's name of the moment, as `PreToolUse`. */
  readonly event: string;
  /** The tools that it is for, or null for a moment without a tool. */
  readonly matcher: string | null;
  /** The whole command line. */
  readonly command: string;
  /** In the host's own unit. */
  readonly timeout: number;
}

/** What Skein wants in a JSON file of a host. */
export interface JsonWish {
  /** Values to stand at paths. */
  readonly values: readonly { readonly path: JsonPath; readonly value: unknown }[];
  readonly hooks: readonly HookEntry[];
}

/** The text with what Skein wants in it, and nothing else changed. @throws {SkeinError} SKN-2091 with line and column. */
export function withWish(label: string, text: string | null, wish: JsonWish): string {
  let current = text === null || text.trim() === "" ? "{}\n" : text;
  checkReadable(label, current);
  for (const { path, value } of wish.values) {
    current = sameAt(current, path, value)
      ? current
      : need(setValue(current, path, value), { label, text: current, path, end: "any" });
  }
  for (const hook of wish.hooks) {
    const path = ["hooks", hook.event];
    current = need(withHook(current, hook), { label, text: current, path, end: "list" });
  }
  return current === "{}\n" && text !== null ? text : current;
}

/** The text without what Skein wrote: for a file that was changed since. @throws {SkeinError} SKN-2091 where it names Skein and is no JSON. */
export function withoutWish(label: string, text: string, wish: JsonWish): string {
  if (text.includes("skein")) {
    checkReadable(label, text);
  }
  let current = text;
  for (const { event } of wish.hooks) {
    const path = ["hooks", event];
    for (let index = itemsAt(current, path).length - 1; index >= 0; index -= 1) {
      current = isOurs(current, path, index) ? withoutOurs(current, path, index) : current;
    }
    current = isEmptyAt(current, path) ? removeValue(current, path, null) : current;
  }
  for (const { path } of wish.values) {
    current = removeValue(current, path, null);
  }
  return current;
}

/** A list whose command is Skein's with the same words is renewed in its place, whatever Node or path it names. */
function withHook(text: string, hook: HookEntry): string | null {
  const path = ["hooks", hook.event];
  const item = {
    ...(hook.matcher === null ? {} : { matcher: hook.matcher }),
    hooks: [{ type: "command", command: hook.command, timeout: hook.timeout }],
  };
  const words = wordsOf(hook.command);
  const items = itemsAt(text, path).map((node) => JSON.stringify(toData(node)));
  if (items.includes(JSON.stringify(item))) {
    return text;
  }
  const index = items.findIndex((other) => words !== null && other.includes(words));
  if (index === -1) {
    return appendItem(text, path, item);
  }
  // Somebody may have put a hook of their own beside Skein's.
  const rest = restOfGroup(text, path, index);
  if (rest === null) {
    return replaceItem(text, path, { index, item });
  }
  const without = replaceItem(text, path, { index, item: rest });
  return without === null ? null : appendItem(without, path, item);
}

/** A group without Skein's hooks; null where nothing else is in it. */
function restOfGroup(text: string, path: JsonPath, index: number): LooseObject | null {
  const node = itemsAt(text, path)[index];
  const group = node === undefined ? null : toData(node);
  const hooks = isLooseObject(group) ? ownValue(group, "hooks") : null;
  const others = Array.isArray(hooks) ? hooks.filter((hook) => !isOursIn(hook)) : [];
  return isLooseObject(group) && others.length > 0 ? { ...group, hooks: others } : null;
}

const ourWords = /skein(?:\.js)?["']* (hook \w+ [a-z-]+)/u;

function wordsOf(command: string): string | null {
  return ourWords.exec(command)?.[1] ?? null;
}

function isOurs(text: string, path: JsonPath, index: number): boolean {
  const node = itemsAt(text, path)[index];
  return node !== undefined && isOursIn(toData(node));
}

function isOursIn(data: unknown): boolean {
  return ourWords.test(JSON.stringify(data).replaceAll(String.raw`\"`, '"'));
}

/** The text without Skein's hooks in a group; what else is in it stays. */
function withoutOurs(text: string, path: JsonPath, index: number): string {
  const rest = restOfGroup(text, path, index);
  return rest === null
    ? removeValue(text, path, index)
    : (replaceItem(text, path, { index, item: rest }) ?? text);
}

/** A hook of Skein that stands more than once in the list of one moment. */
export interface RepeatedHook {
  readonly event: string;
  /** As `hook claude stop`. */
  readonly words: string;
  /** Where the second one begins, from 1. */
  readonly line: number;
}

/** Finds hooks of Skein that a host would run twice. */
export function repeatedHooks(text: string): readonly RepeatedHook[] {
  const reading = readJsonc(text);
  const hooks = reading.kind === "read" ? nodeAt(reading.root, ["hooks"]) : null;
  return hooks?.kind === "object"
    ? hooks.members.flatMap(({ key, value }) =>
        repeatedIn(value).map(({ words, start }) => ({
          event: key,
          words,
          line: text.slice(0, start).split("\n").length,
        })),
      )
    : [];
}

function repeatedIn(list: JsonNode): readonly { readonly words: string; readonly start: number }[] {
  const items = list.kind === "array" ? list.items : [];
  const all = items.flatMap((item) => {
    const raw = JSON.stringify(toData(item)).replaceAll(String.raw`\"`, '"');
    return [...raw.matchAll(new RegExp(ourWords, "gu"))].map(([, words = ""]) => ({
      words,
      start: item.start,
    }));
  });
  return all.filter(
    ({ words }, index) => all.slice(0, index).filter((other) => other.words === words).length === 1,
  );
}

function isEmptyAt(text: string, path: JsonPath): boolean {
  const reading = readJsonc(text);
  const node = reading.kind === "read" ? nodeAt(reading.root, path) : null;
  return node?.kind === "array" && node.items.length === 0;
}

function sameAt(text: string, path: JsonPath, value: unknown): boolean {
  const reading = readJsonc(text);
  const node = reading.kind === "read" ? nodeAt(reading.root, path) : null;
  return node !== null && JSON.stringify(toData(node)) === JSON.stringify(value);
}

function checkReadable(label: string, text: string): void {
  const reading = readJsonc(text);
  if (reading.kind === "fault") {
    const { line, column } = reading.fault;
    throw new SkeinError(initErrors.notJson, {
      message: `${label} is no JSON: line ${String(line)}, column ${String(column)}.`,
      facts: { file: label, line, column },
    });
  }
}

interface Wanted {
  readonly label: string;
  /** The text as it is. */
  readonly text: string;
  readonly path: JsonPath;
  /** What belongs at the end of the path. */
  readonly end: "list" | "any";
}

/** @throws {SkeinError} SKN-2091 with what stands in the way, and where. */
function need(after: string | null, wanted: Wanted): string {
  if (after !== null) {
    return after;
  }
  const { label } = wanted;
  const { node, at, belongs } = obstacle(wanted);
  const before = wanted.text.slice(0, node?.start ?? 0).split("\n");
  const [line, column] = [before.length, (before.at(-1) ?? "").length + 1];
  const what = at.length === 0 ? "the whole" : `\`${at.join(".")}\``;
  throw new SkeinError(initErrors.notJson, {
    message: `${label}, line ${String(line)}, column ${String(column)}: ${what} is ${sortOf(node)}, where ${belongs} belongs.`,
    facts: { file: label, line, column },
  });
}

/** The first value on a path that is not what it has to be. */
function obstacle({ text, path, end }: Wanted): {
  readonly node: JsonNode | null;
  readonly at: JsonPath;
  readonly belongs: string;
} {
  const reading = readJsonc(text);
  const root = reading.kind === "read" ? reading.root : null;
  const ways = [...path.keys()].map((length) => path.slice(0, length));
  const found = root === null ? undefined : ways.find((at) => isNoObject(nodeAt(root, at)));
  const at = found ?? path;
  const node = root === null ? null : nodeAt(root, at);
  return { node, at, belongs: found === undefined && end === "list" ? "a list" : "an object" };
}

function isNoObject(node: JsonNode | null): boolean {
  return node !== null && node.kind !== "object";
}

function sortOf(node: JsonNode | null): string {
  if (node === null || node.kind === "object") {
    return "an object";
  }
  if (node.kind === "array") {
    return "a list";
  }
  const { value } = node;
  return value === null ? "null" : `a ${typeof value === "string" ? "text" : typeof value}`;
}
