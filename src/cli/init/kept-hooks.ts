import { lstatSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { FileChange } from "./file-change.ts";
import { readableHook } from "./hook-file.ts";
import type { HookFile } from "./hook-file.ts";
import { guardHooks, keptSuffix, wrappedSuffix } from "./hook-script.ts";
import type { GuardHook } from "./hook-script.ts";

/** Where a hook from before is kept, and what changes for it. */
export interface KeptHook {
  /** How the hook's name goes on there. */
  readonly suffix: string;
  /** None where it is kept there already. */
  readonly changes: readonly FileChange[];
}

/** Keeps a person's hook beside Skein's, under the first name at which nothing else is kept: what was kept before stays untouched. */
export function keepHook(path: string, hook: HookFile): KeptHook {
  for (let count = 1; ; count += 1) {
    const suffix = suffixOf(count);
    const kept = `${path}${suffix}`;
    // A hook that calls this very name would call itself for ever.
    const isNamed = hook.text.includes(basename(kept));
    if (!isNamed && lstatSync(kept, { throwIfNoEntry: false }) === undefined) {
      const { text, mode, link } = hook;
      return { suffix, changes: [{ path: kept, before: null, after: text, mode, link }] };
    }
    if (!isNamed && isSame(readableHook(kept), hook)) {
      return { suffix, changes: [] };
    }
  }
}

/** The suffix of the hook that was kept last; the first one where none is. */
export function newestSuffix(path: string): string {
  const counts = namesIn(dirname(path)).flatMap((name) => {
    const [, hook, suffix] = keptName.exec(name) ?? [];
    return hook === basename(path) ? Number(suffix?.slice(keptSuffix.length + 1)) || 1 : [];
  });
  return suffixOf(Math.max(1, ...counts));
}

function suffixOf(count: number): string {
  return count === 1 ? keptSuffix : `${keptSuffix}-${String(count)}`;
}

function isSame(kept: HookFile | null, { text, mode, link }: HookFile): boolean {
  return kept?.text === text && kept.mode === mode && kept.link === link;
}

const keptName = new RegExp(
  String.raw`^(${guardHooks.join("|")})(${keptSuffix.replace(".", String.raw`\.`)}(?:-\d+)?)$`,
  "u",
);

/** The hook that a file is, or from before which it was kept, by its name alone; null for any other file. */
export function hookNamed(
  path: string,
): { readonly hook: GuardHook; readonly isKept: boolean } | null {
  const name = basename(path);
  const hook = guardHooks.find((each) => each === name || keptName.exec(name)?.[1] === each);
  return hook === undefined ? null : { hook, isKept: hook !== name };
}

/** Hooks from before that no hook calls once these changes are made: nobody but a person takes them away. */
export function keptAside(folder: string, changes: readonly FileChange[]): readonly string[] {
  const changed = new Map(changes.map(({ path, after }) => [path, after]));
  const textOf = (path: string): string | null =>
    changed.has(path) ? (changed.get(path) ?? null) : (readableHook(path)?.text ?? null);
  const all = new Set([...namesIn(folder).map((name) => join(folder, name)), ...changed.keys()]);
  return [...all].filter((path) => {
    const [, hook = "", suffix = ""] = keptName.exec(basename(path)) ?? [];
    const isThere = changed.get(path) !== null;
    return (
      hook !== "" &&
      dirname(path) === folder &&
      isThere &&
      !calls(textOf(join(folder, hook)), suffix)
    );
  });
}

/** A script that a person changed may call it in a way of its own. */
function calls(text: string | null, suffix: string): boolean {
  if (text === null) {
    return false;
  }
  const [known] = guardHooks.flatMap((hook) => wrappedSuffix(text, hook) ?? []);
  return known === undefined ? text.includes(suffix) : known === suffix;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}
