import { existsSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { SkeinError } from "../../core/base/errors.ts";
import { namesSkein, readAgentFile, readableText } from "./agent-file.ts";
import { agentNames, agents } from "./agents.ts";
import type { AgentName, WishedFile } from "./agents.ts";
import type { FileChange } from "./file-change.ts";
import { mainWorktreeOf } from "./main-worktree.ts";
import { withWish } from "./json-host.ts";
import { withoutWish } from "./json-removal.ts";
import type { Launch } from "./launch.ts";
import type { RecordedFile } from "./record.ts";
import { withLines, withoutLines } from "./toml-host.ts";

export interface Surroundings {
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The agent programs used here; Claude Code and Codex where nothing tells. */
export function detectAgents({ root, env }: Surroundings): readonly AgentName[] {
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const found = agentNames.filter((name) => {
    const { traces, program } = agents[name];
    return (
      traces.some((trace) => existsSync(join(root, trace))) ||
      (program !== null && folders.some((folder) => existsSync(join(folder, program))))
    );
  });
  return found.length === 0 ? ["claude", "codex"] : found;
}

/** A file of an agent program, and what `init` would do to it. */
export interface Outlook {
  /** Absolute. */
  readonly path: string;
  /** The text now; null when there is no file. */
  readonly before: string | null;
  /** The change, or why the file cannot be merged. */
  readonly found: FileChange | SkeinError;
}

/** What `init` would do to each file of an agent program; a file that cannot be merged hides no other. */
export function outlooks(root: string, name: AgentName, launch: Launch): readonly Outlook[] {
  return agents[name].files(launch).map((file) => {
    const place = placeOf(root, file);
    let before: string | null = null;
    try {
      before = readAgentFile(place.path, place.label);
      return { path: place.path, before, found: changeOf(place, before) };
    } catch (error) {
      if (error instanceof SkeinError) {
        return { path: place.path, before, found: error };
      }
      throw error;
    }
  });
}

/**
 * What changes so that a file that `init` wrote is as before: its own text where nobody else changed it, else without Skein's part.
 *
 * @throws {SkeinError} SKN-2091, SKN-2093, SKN-2095 where Skein's part is in a file that cannot be read.
 */
export function undoChange(root: string, file: RecordedFile, launch: Launch): FileChange | null {
  const { path } = file;
  const place = wishedFiles(launch)
    .map((wish) => placeOf(root, wish))
    .find((each) => each.path === path);
  const now = place === undefined ? readableText(path) : readNaming(place);
  if (now === file.after) {
    // What stood there before a renewal may hold Skein's own part as somebody had changed it.
    const isSkeins = place !== undefined && file.before?.includes("skein") === true;
    const after = isSkeins ? unwished(place, file.before, null) : file.before;
    return { path, before: now, after, mode: file.beforeMode };
  }
  return place === undefined || now === null
    ? null
    : { path, before: now, after: unwished(place, now, file), mode: null };
}

/** What changes so that no file of any agent program names Skein, told from the files alone. @throws {SkeinError} as `undoChange`. */
export function strippedChanges(root: string, launch: Launch): readonly FileChange[] {
  return wishedFiles(launch).flatMap((file) => {
    const place = placeOf(root, file);
    const before = readNaming(place);
    return before === null
      ? []
      : [{ path: place.path, before, after: unwished(place, before, null), mode: null }];
  });
}

/** The text of a file that may hold Skein's part; null where there is none, or one that cannot be read and does not name Skein. */
function readNaming(place: Place): string | null {
  return namesSkein(place.path) ? readAgentFile(place.path, place.label) : readableText(place.path);
}

/** Every file of any agent program that `init` may write, whether or not it is there; absolute. */
export function agentFiles(root: string, launch: Launch): readonly string[] {
  return wishedFiles(launch).map((file) => placeOf(root, file).path);
}

/** The command lines of hooks that stand in the files of these agent programs, as `init` would have written them. */
export function hookCommands(
  root: string,
  names: readonly AgentName[],
  launch: Launch,
): readonly string[] {
  return names.flatMap((name) =>
    agents[name].files(launch).flatMap((file) => {
      const hooks = file.content.kind === "json" ? file.content.wish.hooks : [];
      const text = hooks.length === 0 ? null : readableText(placeOf(root, file).path);
      return text === null
        ? []
        : hooks
            .map(({ command }) => command)
            .filter((command) => text.includes(JSON.stringify(command)));
    }),
  );
}

/** The agent programs whose own files in a worktree name Skein. */
export function agentsIn(root: string, launch: Launch): readonly AgentName[] {
  return agentNames.filter((name) =>
    agents[name]
      .files(launch)
      .some((file) => file.isReadFromMain !== true && isSetUpIn(placeOf(root, file))),
  );
}

/** A file that names Skein and cannot be read counts: what it needs of others stays. */
function isSetUpIn(place: Place): boolean {
  try {
    const before = readNaming(place);
    return before !== null && unwished(place, before, null) !== before;
  } catch (error) {
    if (error instanceof SkeinError) {
      return true;
    }
    throw error;
  }
}

/** The files that these agent programs, or all of them, read from the main worktree for every other one. */
export function pathsReadFromMain(
  root: string,
  launch: Launch,
  names: readonly AgentName[] | null,
): readonly string[] {
  return (names ?? agentNames).flatMap((name) =>
    agents[name]
      .files(launch)
      .filter(({ isReadFromMain }) => isReadFromMain === true)
      .map((file) => placeOf(root, file).path),
  );
}

function wishedFiles(launch: Launch): readonly WishedFile[] {
  return agentNames.flatMap((name) => agents[name].files(launch));
}

/** Where a file that Skein wants is in a worktree. */
interface Place {
  /** Absolute. */
  readonly path: string;
  /** As messages call it, from the worktree's root. */
  readonly label: string;
  readonly content: WishedFile["content"];
}

/** Some programs read the same file with comments under another ending. */
function placeOf(worktree: string, { path, isReadFromMain, content }: WishedFile): Place {
  const root = isReadFromMain === true ? mainWorktreeOf(worktree) : worktree;
  const commented = join(root, path.replace(/^opencode\.json$/u, "opencode.jsonc"));
  const plain = join(root, path);
  const found = !existsSync(plain) && existsSync(commented) ? commented : plain;
  return { path: found, label: relative(worktree, found), content };
}

function changeOf(place: Place, before: string | null): FileChange {
  return { path: place.path, before, after: wished(place, before), mode: null };
}

function wished({ label, content }: Place, before: string | null): string {
  switch (content.kind) {
    case "json":
      return withWish(label, before, content.wish);
    case "block":
      return withLines(label, before, content.lines);
    case "whole":
      // Git may have given it the line ends of Windows.
      return before?.replaceAll("\r\n", "\n") === content.text ? before : content.text;
    default:
      return content satisfies never;
  }
}

/**
 * A file's text without Skein's part, null where that was all of it. A file without such a part stays as it is, be it empty, unless `init`
 * made it; and one that was there before `init` stays in any case.
 */
function unwished(place: Place, now: string, file: RecordedFile | null): string | null {
  const left = contentWithout(place, now, file);
  return left !== null && isShell(place.content, left) ? shellOf(left, now, file) : left;
}

/** What becomes of a file in which nothing of anybody's is left. */
function shellOf(left: string, now: string, file: RecordedFile | null): string | null {
  if (left === now) {
    return file?.before === null ? null : left;
  }
  if (file === null || file.before === null || file.before.includes("skein")) {
    return null;
  }
  return file.before.trim() === "" ? file.before : left;
}

function contentWithout(
  { label, content }: Place,
  now: string,
  file: RecordedFile | null,
): string | null {
  switch (content.kind) {
    case "json": {
      const before = file === null ? null : (file.before ?? "");
      return withoutWish(label, { now, before }, content.wish);
    }
    case "block":
      return withoutLines(label, now);
    case "whole":
      return firstLine(now) === firstLine(content.text) ? null : now;
    default:
      return content satisfies never;
  }
}

/** Nothing but what `init` puts around its part. */
function isShell({ kind }: WishedFile["content"], left: string): boolean {
  return kind === "json"
    ? /^\s*\{\s*("(mcpServers|servers|mcp|hooks)":\s*\{\s*\},?\s*)*\}\s*$/u.test(left)
    : left.trim() === "";
}

function firstLine(text: string): string {
  return text.split("\n", 1).join("").trimEnd();
}
