import { isDeepStrictEqual } from "node:util";
import { nodeAt } from "./json-edit.ts";
import { checkReadable } from "./json-host.ts";
import type { JsonWish } from "./json-host.ts";
import { childrenOf, prune } from "./json-prune.ts";
import type { Pruning } from "./json-prune.ts";
import { readJsonc } from "./jsonc.ts";
import type { JsonNode, JsonPath } from "./jsonc.ts";
import { commandOf, isOwnServer, ownWordsOf } from "./own-hooks.ts";

/** A file that somebody changed since `init`. */
export interface ChangedText {
  readonly now: string;
  /** As it was before `init`, empty where there was none; null where nobody remembers. */
  readonly before: string | null;
}

/**
 * The text without what Skein wrote. A server of a person's that had its name comes back, and so does what was empty before; an object or a
 * list that `init` made goes with what it held.
 *
 * @throws {SkeinError} SKN-2091 where it names Skein and is no JSON.
 */
export function withoutWish(label: string, changed: ChangedText, wish: JsonWish): string {
  if (changed.now.includes("skein")) {
    checkReadable(label, changed.now);
  }
  const now = withFormerServers(changed, wish);
  const isGone = (node: JsonNode, path: JsonPath): boolean => isOwn({ node, path }, now, wish);
  const stood = standingIn(changed.before, isGone);
  const root = rootOf(now);
  return prune(now, {
    isGone,
    emptied: (node, path, inside) => {
      const { empty, isPersons } = stood({ node, path });
      if (empty !== null && empty.slice(1, -1).trim() === inside.trim()) {
        return empty;
      }
      const left = node.kind === "array" ? `[${inside}]` : `{${inside}}`;
      const stays = isPersons || isNeeded(path) || inside.trim() !== "";
      return stays || isNoted({ text: now, root }, path) ? left : null;
    },
  });
}

/** What is known of an object or a list from the text before `init`. */
interface Earlier {
  /** As it was written there, where it held nothing; else null. */
  readonly empty: string | null;
  /** True where it stood there and held nothing of Skein's. */
  readonly isPersons: boolean;
}

function standingIn(before: string | null, isGone: Pruning["isGone"]): (now: Standing) => Earlier {
  const root = rootOf(before ?? "");
  return ({ node: { kind }, path }) => {
    const node = root === null ? null : nodeAt(root, path);
    if (before === null || node?.kind !== kind) {
      return { empty: null, isPersons: false };
    }
    return {
      empty: childrenOf(node).length === 0 ? before.slice(node.start, node.end) : null,
      isPersons: !holds(node, path, isGone),
    };
  };
}

/** The text with each server of another program in its place that stood there under Skein's name before. */
function withFormerServers({ now, before }: ChangedText, { values }: JsonWish): string {
  const earlier = before === null ? null : rootOf(before);
  return values.reduce((text, { path }) => {
    const root = rootOf(text);
    const node = root === null ? null : nodeAt(root, path);
    const was = earlier === null ? null : nodeAt(earlier, path);
    return node !== null && isOwnServer(node) && was !== null && !isOwnServer(was)
      ? text.slice(0, node.start) + (before ?? "").slice(was.start, was.end) + text.slice(node.end)
      : text;
  }, now);
}

interface ReadText {
  readonly text: string;
  readonly root: JsonNode | null;
}

/** True where a comment stands behind the key, or the key stands twice, so that another value would count without this one. */
function isNoted({ text, root }: ReadText, path: JsonPath): boolean {
  const holder = root === null ? null : nodeAt(root, path.slice(0, -1));
  const all = holder?.kind === "object" ? holder.members : [];
  const members = all.filter(({ key }) => key === path.at(-1));
  return (
    members.length > 1 ||
    members.some(({ keyEnd, value }) => text.slice(keyEnd, value.start).includes("/"))
  );
}

interface Standing {
  readonly node: JsonNode;
  readonly path: JsonPath;
}

/** What goes as a whole: Skein's server, its hook in whichever list of a moment, and a group that is there for its hook alone. */
function isOwn({ node, path }: Standing, text: string, { values, hooks }: JsonWish): boolean {
  if (values.some((value) => isDeepStrictEqual(value.path, path))) {
    return isOwnServer(node);
  }
  const [top, , group, list, place] = path;
  if (hooks.length === 0 || top !== "hooks" || typeof group !== "number") {
    return false;
  }
  const isHook = (entry: JsonNode): boolean =>
    ownWordsOf(entry) !== null || hooks.some(({ command }) => commandOf(entry) === command);
  return path.length === 3
    ? isOwnGroup(node, text, isHook)
    : path.length === 5 && list === "hooks" && typeof place === "number" && isHook(node);
}

/** A note that somebody put into it makes a group theirs. */
function isOwnGroup(node: JsonNode, text: string, isHook: (entry: JsonNode) => boolean): boolean {
  const members = node.kind === "object" ? node.members : [];
  const hooks = members.flatMap(({ value }) => (value.kind === "array" ? [value] : []));
  return (
    hooks.length > 0 &&
    hooks.every(({ items }) => items.length > 0 && items.every(isHook)) &&
    members.every(({ key, value }) => isOfGroup(key, value)) &&
    !hasComment(text.slice(node.start, node.end))
  );
}

function isOfGroup(key: string, { kind }: JsonNode): boolean {
  return (key === "hooks" && kind === "array") || (key === "matcher" && kind === "plain");
}

function hasComment(text: string): boolean {
  const reading = readJsonc(text);
  return reading.kind === "read" && reading.oddities.some(({ kind }) => kind === "comment");
}

/** A file needs a value, and a group its list. */
function isNeeded({ length }: JsonPath): boolean {
  return length === 0 || length === 4;
}

function holds(node: JsonNode, path: JsonPath, isGone: Pruning["isGone"]): boolean {
  return (
    isGone(node, path) ||
    childrenOf(node).some(({ key, value }) => holds(value, [...path, key], isGone))
  );
}

function rootOf(text: string): JsonNode | null {
  const reading = readJsonc(text);
  return reading.kind === "read" ? reading.root : null;
}
