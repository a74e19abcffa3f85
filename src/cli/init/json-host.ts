import { isDeepStrictEqual } from "node:util";
import { SkeinError } from "../../core/base/errors.ts";
import { initErrors } from "./errors.ts";
import { appendItem, nodeAt, removeValue, setValue } from "./json-edit.ts";
import { depthLimit, memberOf, readJsonc, toData } from "./jsonc.ts";
import type { JsonNode, JsonPath } from "./jsonc.ts";
import { hooksIn, isOwnServer, isSameHook } from "./own-hooks.ts";
import type { HookPlace } from "./own-hooks.ts";

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
  /** Servers to stand at paths. */
  readonly values: readonly { readonly path: JsonPath; readonly value: object }[];
  readonly hooks: readonly HookEntry[];
}

/** The text with what Skein wants in it, and nothing else changed. @throws {SkeinError} SKN-2091 with line and column. */
export function withWish(label: string, text: string | null, wish: JsonWish): string {
  let current = text === null || text.trim() === "" ? "{}\n" : text;
  checkReadable(label, current);
  for (const { path, value } of wish.values) {
    const next = withValue(current, path, value);
    current = need(next, { label, text: current, path, end: "any" });
  }
  for (const hook of wish.hooks) {
    const path = ["hooks", hook.event];
    current = need(withHook(current, hook), { label, text: current, path, end: "list" });
  }
  return current === "{}\n" && text !== null ? text : current;
}

/** A list whose command is Skein's with the same words is renewed in its place, whatever Node or path it names. */
function withHook(text: string, hook: HookEntry): string | null {
  const path = ["hooks", hook.event];
  const { matcher, command, timeout } = hook;
  const entry = { type: "command", command, timeout };
  const group = { ...(matcher === null ? {} : { matcher }), hooks: [entry] };
  const hooks = hooksIn(valueAt(text, path), path);
  const found = hooks.filter(({ node }) => isSameHook(node, command));
  if (found.some((place) => isAsWished(place, hook))) {
    return text;
  }
  const [first] = found;
  if (first === undefined) {
    return appendItem(text, path, group);
  }
  const place = first.path.slice(0, 3);
  const beside = hooks.filter((other) => other.path[2] === first.path[2]);
  if (beside.length === 1) {
    const renewed = setValue(text, first.path, entry);
    return renewed === null ? null : withMatcher(renewed, [...place, "matcher"], matcher);
  }
  // Somebody may have put a hook of their own beside Skein's.
  return appendItem(removeValue(text, first.path, null), path, group);
}

function isAsWished({ node, group }: HookPlace, hook: HookEntry): boolean {
  const { matcher, command, timeout } = hook;
  const stands = memberOf(group, "matcher");
  return (
    isDeepStrictEqual(toData(node), { type: "command", command, timeout }) &&
    (stands === null ? null : toData(stands.value)) === matcher
  );
}

function withMatcher(text: string, path: JsonPath, matcher: string | null): string | null {
  if (matcher === null) {
    return removeValue(text, path, null);
  }
  return sameAt(text, path, matcher) ? text : setValue(text, path, matcher);
}

/** Keys that somebody added to Skein's own server stay; a server of another program under the name is replaced. */
function withValue(text: string, path: JsonPath, value: object): string | null {
  const node = valueAt(text, path);
  if (node === null || !isOwnServer(node)) {
    return setValue(text, path, value);
  }
  return Object.entries(value).reduce<string | null>(
    (current, [key, each]: readonly [string, unknown]) =>
      current === null || sameAt(current, [...path, key], each)
        ? current
        : setValue(current, [...path, key], each),
    text,
  );
}

function valueAt(text: string, path: JsonPath): JsonNode | null {
  const reading = readJsonc(text);
  return reading.kind === "read" ? nodeAt(reading.root, path) : null;
}

function sameAt(text: string, path: JsonPath, value: unknown): boolean {
  const node = valueAt(text, path);
  return node !== null && isDeepStrictEqual(toData(node), value);
}

/** @throws {SkeinError} SKN-2091 with line and column. */
export function checkReadable(label: string, text: string): void {
  const reading = readJsonc(text);
  if (reading.kind === "fault") {
    const { line, column, isTooDeep } = reading.fault;
    const place = `line ${String(line)}, column ${String(column)}`;
    throw new SkeinError(initErrors.notJson, {
      message:
        isTooDeep === true
          ? `${label}, ${place}: lists and objects stand in one another more than ${String(depthLimit)} deep.`
          : `${label} is no JSON: ${place}.`,
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
