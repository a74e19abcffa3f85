import { hooksRunBy, ownHookWords, startsServer } from "./hook-command.ts";
import { nodeAt } from "./json-edit.ts";
import { memberOf, readJsonc } from "./jsonc.ts";
import type { JsonNode, JsonPath } from "./jsonc.ts";

/** Where a hook stands: in a group of the list of one moment, as programs of agents keep hooks. */
export interface HookPlace {
  readonly path: JsonPath;
  readonly node: JsonNode;
  readonly group: JsonNode;
}

/** The hooks of each group in the list of a moment. */
export function hooksIn(list: JsonNode | null, path: JsonPath): readonly HookPlace[] {
  return itemsOf(list).flatMap((group, index) =>
    itemsOf(memberOf(group, "hooks")?.value ?? null).map((node, place) => ({
      path: [...path, index, "hooks", place],
      node,
      group,
    })),
  );
}

/**
 * The words of Skein's hook, as `hook claude stop`, where an entry of a list of hooks is that and nothing else. Notes, prompts and commands that
 * do more are somebody's own, whatever they speak of: null.
 */
export function ownWordsOf(node: JsonNode): string | null {
  const command = commandOf(node);
  return command === null ? null : ownHookWords(command);
}

/** True for the entry of a command that is this one, letter by letter, or Skein's hook with the same words. */
export function isSameHook(node: JsonNode, command: string): boolean {
  const words = ownWordsOf(node);
  return commandOf(node) === command || (words !== null && command.endsWith(` ${words}`));
}

/** The command line of an entry that is one; null for another sort of entry, or one that has words of its command elsewhere. */
export function commandOf(node: JsonNode): string | null {
  const isCommand = textUnder(node, "type") === "command" && memberOf(node, "args") === null;
  return isCommand ? textUnder(node, "command") : null;
}

/** True for the entry of a server that starts Skein's, in whatever way; false for another program, or an address, under its name. */
export function isOwnServer(node: JsonNode): boolean {
  const words = ["command", "args"].flatMap((key) => {
    const value = memberOf(node, key)?.value ?? null;
    return value?.kind === "plain" ? [value] : itemsOf(value);
  });
  return startsServer(
    words.map((word) =>
      word.kind === "plain" && typeof word.value === "string" ? word.value : "",
    ),
  );
}

/** A hook of Skein that runs a second time in one moment. */
export interface RepeatedHook {
  readonly event: string;
  /** As `hook claude stop`. */
  readonly words: string;
  /** Where the second one begins, from 1. */
  readonly line: number;
  /** False where a command runs it that does more, and so is a person's. */
  readonly isOwn: boolean;
}

/** Finds hooks of Skein that a host would run twice. */
export function repeatedHooks(text: string): readonly RepeatedHook[] {
  const reading = readJsonc(text);
  const hooks = reading.kind === "read" ? nodeAt(reading.root, ["hooks"]) : null;
  return hooks?.kind === "object"
    ? hooks.members.flatMap(({ key, value }) =>
        repeatedIn(value).map(({ words, start, isOwn }) => ({
          event: key,
          words,
          line: text.slice(0, start).split("\n").length,
          isOwn,
        })),
      )
    : [];
}

interface Run {
  readonly words: string;
  readonly start: number;
  readonly isOwn: boolean;
}

/** Of each hook that runs twice one: that of a person's command, else the second. */
function repeatedIn(list: JsonNode): readonly Run[] {
  const runs = new Map<string, Run[]>();
  for (const run of hooksIn(list, []).flatMap(runsOf)) {
    runs.set(run.words, [...(runs.get(run.words) ?? []), run]);
  }
  return [...runs.values()].flatMap((all) => {
    const [, second] = all;
    return second === undefined ? [] : [all.find(({ isOwn }) => !isOwn) ?? second];
  });
}

function runsOf({ node }: HookPlace): readonly Run[] {
  const own = ownWordsOf(node);
  const all = own === null ? hooksRunBy(commandOf(node) ?? "") : [own];
  return all.map((words) => ({ words, start: node.start, isOwn: own !== null }));
}

function itemsOf(node: JsonNode | null): readonly JsonNode[] {
  return node?.kind === "array" ? node.items : [];
}

function textUnder(node: JsonNode, key: string): string | null {
  const value = memberOf(node, key)?.value;
  return value?.kind === "plain" && typeof value.value === "string" ? value.value : null;
}
