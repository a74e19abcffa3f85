import { SkeinError } from "../../core/base/errors.ts";
import { initErrors } from "./errors.ts";
import { appendItem, itemsAt, nodeAt, removeValue, replaceItem, setValue } from "./json-edit.ts";
import type { JsonPath } from "./json-edit.ts";
import { readJsonc, toData } from "./jsonc.ts";

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
    current = sameAt(current, path, value) ? current : need(label, setValue(current, path, value));
  }
  for (const hook of wish.hooks) {
    current = need(label, withHook(current, hook));
  }
  return current === "{}\n" && text !== null ? text : current;
}

/** The text without what Skein wrote: for a file that was changed since. */
export function withoutWish(text: string, wish: JsonWish): string {
  let current = text;
  for (const { event } of wish.hooks) {
    const path = ["hooks", event];
    for (let index = itemsAt(current, path).length - 1; index >= 0; index -= 1) {
      current = isOurs(current, path, index) ? removeValue(current, path, index) : current;
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
  return index === -1 ? appendItem(text, path, item) : replaceItem(text, path, { index, item });
}

const ourWords = /skein(?:\.js)?["']* (hook \w+ [a-z-]+)/u;

function wordsOf(command: string): string | null {
  return ourWords.exec(command)?.[1] ?? null;
}

function isOurs(text: string, path: JsonPath, index: number): boolean {
  const node = itemsAt(text, path)[index];
  const raw = node === undefined ? "" : JSON.stringify(toData(node));
  return ourWords.test(raw.replaceAll(String.raw`\"`, '"'));
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

function need(label: string, text: string | null): string {
  if (text === null) {
    throw new SkeinError(initErrors.notJson, {
      message: `${label} has something else where Skein's entry belongs.`,
      facts: { file: label },
    });
  }
  return text;
}
