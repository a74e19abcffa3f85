import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { FileChange } from "./file-change.ts";
import type { HookPlace } from "./git-hooks.ts";
import { readHook, readableHook } from "./hook-file.ts";
import type { HookFile } from "./hook-file.ts";
import { guardHooks, keptSuffix, withoutKept, withoutSkein, wrappedSuffix } from "./hook-script.ts";
import type { GuardHook } from "./hook-script.ts";
import { hookNamed } from "./kept-hooks.ts";
import type { RecordedFile } from "./record.ts";

/**
 * What changes so that git no longer asks Skein: in the folder of the hooks, and where they were when `init` wrote them. The scripts
 * themselves tell what is Skein's; the record is asked where they do not.
 *
 * @throws {SkeinError} SKN-2093 where nobody knows which lines are Skein's, SKN-2095 where a hook from before cannot be given back.
 */
export function unguardChanges(
  place: HookPlace,
  recorded: readonly RecordedFile[] = [],
): readonly FileChange[] {
  const here = place.kind === "outside" ? [] : guardHooks.map((hook) => join(place.folder, hook));
  const noted = recorded.map(({ path }) => path);
  return [...new Set([...here, ...noted])].flatMap((path) => {
    const named = hookNamed(path);
    const found = named === null || named.isKept ? null : readableHook(path);
    return named === null || found === null
      ? []
      : unguarded({
          path,
          hook: named.hook,
          found,
          earlier: recorded.find((file) => file.path === path) ?? null,
        });
  });
}

interface Guarded {
  readonly path: string;
  readonly hook: GuardHook;
  readonly found: HookFile;
  readonly earlier: RecordedFile | null;
}

function unguarded(guarded: Guarded): readonly FileChange[] {
  const { path, hook, found, earlier } = guarded;
  const before = found.text;
  const suffix = wrappedSuffix(before, hook);
  if (suffix !== null) {
    return unwrapped(guarded, `${path}${suffix}`);
  }
  if (earlier?.after === before) {
    const after = earlier.before === null ? null : persons(earlier.before, guarded);
    return [{ path, before, after, mode: earlier.beforeMode }];
  }
  const after = persons(before, guarded);
  return after === before ? [] : [{ path, before, after, mode: null }];
}

/** What of a script is a person's. A hook from before that it calls is the person's, too, and goes on to be called. */
function persons(text: string, { path, hook }: Guarded): string | null {
  const left = withoutSkein(path, text, hook);
  const isAlone = lstatSync(`${path}${keptSuffix}`, { throwIfNoEntry: false }) === undefined;
  if (left === null || left === text || !isAlone) {
    return left;
  }
  const rest = withoutKept(left, hook);
  return rest.trim() === "#!/bin/sh" ? null : rest;
}

function unwrapped(
  { path, hook, found, earlier }: Guarded,
  keptPath: string,
): readonly FileChange[] {
  const before = found.text;
  const kept = readHook(keptPath);
  if (kept === null) {
    const noted = earlier?.before ?? null;
    const after = noted === null ? null : withoutSkein(path, noted, hook);
    return [{ path, before, after, mode: earlier?.beforeMode ?? null, link: null }];
  }
  const after = kept.link === null ? withoutSkein(keptPath, kept.text, hook) : kept.text;
  return [
    { path, before, after, mode: kept.mode, link: kept.link },
    { path: keptPath, before: kept.text, after: null, mode: null, link: null },
  ];
}
