import { join, resolve } from "node:path";
import type { Git, Repository } from "../../adapters/git/index.ts";
import type { FileChange } from "./file-change.ts";
import { readHook } from "./hook-file.ts";
import type { HookFile } from "./hook-file.ts";
import { guardHooks, guardLines, withGuard, wrapScript, wrappedSuffix } from "./hook-script.ts";
import type { GuardHook } from "./hook-script.ts";
import { keepHook, newestSuffix } from "./kept-hooks.ts";
import { isWithin } from "./is-within.ts";
import type { Launch } from "./launch.ts";
import { withCall } from "./shell-host.ts";

/** Where this repository's hooks live, and how Skein's are put there. */
export type HookPlace =
  /** Git's own folder, shared by all worktrees: an existing hook is kept beside ours, which calls it first. */
  | { readonly kind: "wrap"; readonly folder: string }
  /** A folder among the files, as husky's: ours is a block at the end of the script. */
  | { readonly kind: "append"; readonly folder: string }
  /** A folder for all repositories of this person, which is not ours to write to. */
  | { readonly kind: "outside"; readonly folder: string };

/** Finds the folder from which git runs hooks. */
export async function findHookPlace(git: Git, repository: Repository): Promise<HookPlace> {
  const configured = await configuredFolder(git);
  if (configured === null) {
    return { kind: "wrap", folder: join(repository.commonDir, "hooks") };
  }
  const folder = resolve(repository.root, configured);
  // Husky's own folder is made anew at every install; the scripts that people write lie above it.
  const scripts = folder.endsWith("/.husky/_") ? resolve(folder, "..") : folder;
  if (isWithin(repository.commonDir, scripts)) {
    return { kind: "wrap", folder: scripts };
  }
  return { kind: isWithin(repository.root, scripts) ? "append" : "outside", folder: scripts };
}

async function configuredFolder(git: Git): Promise<string | null> {
  // What Skein's own git commands set on their command line is not the repository's.
  const { stdout } = await git.run(
    ["config", "--show-scope", "--type=path", "--get-all", "core.hooksPath"],
    { okCodes: [0, 1] },
  );
  const values = stdout
    .split("\n")
    .map((line) => line.split("\t"))
    .filter(([scope]) => scope !== "command" && scope !== "");
  return values.at(-1)?.[1] ?? null;
}

/** What changes so that git asks Skein, in these hooks. @throws {SkeinError} SKN-2095 where one of them is no text, as a compiled program. */
export function guardChanges(
  place: HookPlace,
  launch: Launch,
  hooks: readonly GuardHook[] = guardHooks,
): readonly FileChange[] {
  switch (place.kind) {
    case "wrap":
      return hooks.flatMap((hook) => wrapped(place.folder, hook, launch));
    case "append":
      return hooks.map((hook) => appended(place.folder, hook, launch));
    case "outside":
      return [];
    default:
      return place satisfies never;
  }
}

function wrapped(folder: string, hook: GuardHook, launch: Launch): readonly FileChange[] {
  const path = join(folder, hook);
  const found = readHook(path);
  const fresh = wrapScript(hook, launch, newestSuffix(path));
  const change = { path, before: found?.text ?? null, mode: 0o755, link: null };
  if (found === null || found.text === fresh) {
    return [{ ...change, after: fresh }];
  }
  const own = wrappedSuffix(found.text, hook);
  if (own !== null) {
    return [{ ...change, after: wrapScript(hook, launch, own) }];
  }
  const renewed = renewedIn(found, hook, launch);
  if (renewed !== null) {
    return [{ ...change, after: renewed, mode: found.mode }];
  }
  const { suffix, changes } = keepHook(path, found);
  return [...changes, { ...change, after: wrapScript(hook, launch, suffix) }];
}

/** A script of Skein's to which a person added lines, or one of a person's to which Skein's were added, asks Skein already. */
function renewedIn({ text, link }: HookFile, hook: GuardHook, launch: Launch): string | null {
  return link === null ? withGuard(text, hook, launch) : null;
}

function appended(folder: string, hook: GuardHook, launch: Launch): FileChange {
  const path = join(folder, hook);
  const before = readHook(path)?.text ?? null;
  const text = before ?? "#!/bin/sh\n";
  return { path, before, after: withCall(path, text, guardLines(hook, launch)), mode: 0o755 };
}
