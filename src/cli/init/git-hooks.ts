import { existsSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import type { Git, Repository } from "../../adapters/git/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { textOf } from "../../core/base/utf8-text.ts";
import { initErrors } from "./errors.ts";
import type { FileChange } from "./file-change.ts";
import { commandLine, commandOf, programPath } from "./launch.ts";
import type { Launch } from "./launch.ts";
import { callOf, withCall, withoutCall } from "./shell-host.ts";
import { shellWord } from "../shell-word.ts";

/** The git hooks that guard a repository. */
export const guardHooks = ["pre-commit", "commit-msg", "pre-push"] as const;

export type GuardHook = (typeof guardHooks)[number];

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

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !way.startsWith("..") && !isAbsolute(way);
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

/** What changes so that git no longer asks Skein, told from the scripts alone. */
export function unguardChanges(place: HookPlace): readonly FileChange[] {
  return guardHooks.flatMap((hook) => {
    const path = join(place.folder, hook);
    const before = readText(path);
    if (before === null) {
      return [];
    }
    if (place.kind === "append") {
      const left = withoutCall(path, before);
      if (left === before) {
        return [];
      }
      return [{ path, before, after: left.trim() === "#!/bin/sh" ? null : left, mode: null }];
    }
    return isOurs(before) ? unwrapped(path, before) : [];
  });
}

/** The name beside a hook under which the one from before is kept. */
const keptSuffix = ".before-skein";

function wrapped(folder: string, hook: GuardHook, launch: Launch): readonly FileChange[] {
  const path = join(folder, hook);
  const before = readScript(path);
  const change: FileChange = { path, before, after: wrapScript(hook, launch), mode: 0o755 };
  if (before === null || isOurs(before)) {
    return [change];
  }
  const kept = `${path}${keptSuffix}`;
  return [{ path: kept, before: readText(kept), after: before, mode: modeOf(path) }, change];
}

function unwrapped(path: string, before: string): readonly FileChange[] {
  const keptPath = `${path}${keptSuffix}`;
  const kept = readText(keptPath);
  const mode = kept === null ? null : modeOf(keptPath);
  return [
    { path, before, after: kept, mode },
    ...(kept === null ? [] : [{ path: keptPath, before: kept, after: null, mode: null }]),
  ];
}

function appended(folder: string, hook: GuardHook, launch: Launch): FileChange {
  const path = join(folder, hook);
  const before = readScript(path);
  const text = before ?? "#!/bin/sh\n";
  return { path, before, after: withCall(path, text, callLines(hook, launch)), mode: 0o755 };
}

const ourMark = "# Skein's guard. `skein init --remove` takes it away.";

function isOurs(text: string): boolean {
  return text.includes(ourMark);
}

/** Pre-push hooks read what is pushed from their standard input, so it is kept for both. */
function wrapScript(hook: GuardHook, launch: Launch): string {
  const readsInput = hook === "pre-push";
  const feed = readsInput ? `printf '%s' "$input" | ` : "";
  return [
    "#!/bin/sh",
    ourMark,
    ...(readsInput ? ["input=$(cat; echo .)", "input=${input%.}"] : []),
    `kept="$0${keptSuffix}"`,
    'if [ -x "$kept" ]; then',
    `  ${feed}"$kept" "$@" || exit $?`,
    "fi",
    ...guardLines(hook, launch, feed),
    "",
  ].join("\n");
}

function callLines(hook: GuardHook, launch: Launch): readonly string[] {
  return guardLines(hook, launch, "");
}

/** An agent without a working guard is stopped; a person is told. */
function guardLines(hook: GuardHook, launch: Launch, feed: string): readonly string[] {
  const { command } = commandOf(launch, []);
  const program = programTest(launch);
  const line = commandLine(launch, ["guard", hook], null);
  return [
    `if command -v ${shellWord(command)} >/dev/null 2>&1${program}; then`,
    `  ${feed}${line} "$@" || exit $?`,
    "else",
    `  echo "skein: the guard cannot start; run \\\`skein init\\\` again." >&2`,
    `  if [ -n "$SKEIN_SESSION$SKEIN_EXTERNAL_ID$CLAUDE_CODE_SESSION_ID$CODEX_THREAD_ID$GEMINI_SESSION_ID" ]; then exit 1; fi`,
    "fi",
  ];
}

/** Node alone does not make a guard: without Skein's own file it would end as a refusal does. */
function programTest(launch: Launch): string {
  const path = programPath(launch, null);
  return path === null ? "" : ` && [ -f ${path} ]`;
}

/** Skein's part of a script that is somebody else's, as a script of its own. */
export function blockScript(text: string): string {
  return `#!/bin/sh\n${callOf(text)}`;
}

/** The text of a hook; what is none would be written back as something else. */
function readScript(path: string): string | null {
  if (!existsSync(path)) {
    return null;
  }
  try {
    return textOf(readFileSync(path));
  } catch (error) {
    throw new SkeinError(initErrors.notText, {
      message: `${path} is no script of text in UTF-8.`,
      fix: "Put a script in its place that calls it, then run `skein init` again.",
      facts: { file: path },
      cause: error,
    });
  }
}

function readText(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}
