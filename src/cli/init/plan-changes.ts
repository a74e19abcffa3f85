import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { SkeinError } from "../../core/base/errors.ts";
import { agentNames, agents } from "./agents.ts";
import type { AgentName, WishedFile } from "./agents.ts";
import type { FileChange } from "./file-change.ts";
import { mainWorktreeOf } from "./main-worktree.ts";
import { withWish, withoutWish } from "./json-host.ts";
import type { Launch } from "./launch.ts";
import { besideBlock, removeBlock, setBlock } from "./marked-block.ts";
import { initErrors } from "./errors.ts";
import type { RecordedFile } from "./record.ts";
import { lineOfEntry } from "./toml-entry.ts";

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

/** What changes in the files of agent programs. @throws {SkeinError} SKN-2091, SKN-2093 when a file cannot be merged. */
export function agentChanges(
  root: string,
  names: readonly AgentName[],
  launch: Launch,
): readonly FileChange[] {
  return names.flatMap((name) =>
    agents[name].files(launch).map((file) => {
      const path = pathOf(root, file);
      const before = readText(path);
      return { path, before, after: wished(file, before), mode: null };
    }),
  );
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
    const path = pathOf(root, file);
    const before = readText(path);
    try {
      const after = wished(file, before);
      return { path, before, found: { path, before, after, mode: null } };
    } catch (error) {
      if (error instanceof SkeinError) {
        return { path, before, found: error };
      }
      throw error;
    }
  });
}

/** What changes so that a file that `init` wrote is as before: its own text where nobody else changed it, else without Skein's part. */
export function undoChange(root: string, file: RecordedFile, launch: Launch): FileChange | null {
  const { path } = file;
  const now = readText(path);
  if (now === file.after) {
    return { path, before: now, after: file.before, mode: file.beforeMode };
  }
  const known = wishedFiles(launch).find((wish) => pathOf(root, wish) === path);
  return known === undefined || now === null
    ? null
    : { path, before: now, after: unwished(known, now, file.before === null), mode: null };
}

/** What changes so that no file of any agent program names Skein, told from the files alone. */
export function strippedChanges(root: string, launch: Launch): readonly FileChange[] {
  return wishedFiles(launch).flatMap((file) => {
    const path = pathOf(root, file);
    const before = readText(path);
    return before === null ? [] : [{ path, before, after: unwished(file, before), mode: null }];
  });
}

/** Every file of any agent program that `init` may write, whether or not it is there; absolute. */
export function agentFiles(root: string, launch: Launch): readonly string[] {
  return wishedFiles(launch).map((file) => pathOf(root, file));
}

/** The command lines of hooks that stand in the files of these agent programs, as `init` would have written them. */
export function hookCommands(
  root: string,
  names: readonly AgentName[],
  launch: Launch,
): readonly string[] {
  return names.flatMap((name) =>
    agents[name].files(launch).flatMap((file) => {
      const text = readText(pathOf(root, file));
      const hooks = file.content.kind === "json" ? file.content.wish.hooks : [];
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
    agents[name].files(launch).some((file) => {
      const before = file.isReadFromMain === true ? null : readText(pathOf(root, file));
      return before !== null && unwished(file, before) !== before;
    }),
  );
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
      .map((file) => pathOf(root, file)),
  );
}

function wishedFiles(launch: Launch): readonly WishedFile[] {
  return agentNames.flatMap((name) => agents[name].files(launch));
}

/** Some programs read the same file with comments under another ending. */
function pathOf(worktree: string, { path, isReadFromMain }: WishedFile): string {
  const root = isReadFromMain === true ? mainWorktreeOf(worktree) : worktree;
  const commented = join(root, path.replace(/^opencode\.json$/u, "opencode.jsonc"));
  const plain = join(root, path);
  return !existsSync(plain) && existsSync(commented) ? commented : plain;
}

function wished({ path, content }: WishedFile, before: string | null): string {
  switch (content.kind) {
    case "json":
      return withWish(path, before, content.wish);
    case "block":
      checkFree(path, before ?? "");
      return setBlock(before ?? "", content.lines);
    case "whole":
      return content.text;
    default:
      return content satisfies never;
  }
}

/** @throws {SkeinError} SKN-2093 with the line, where the file sets up a server of Skein's name by itself. */
function checkFree(path: string, before: string): void {
  const line = lineOfEntry(besideBlock(before), "mcp_servers", "skein");
  if (line !== null) {
    throw new SkeinError(initErrors.hasOwnEntry, {
      message: `${path}, line ${String(line)}: a server \`skein\` is set up there already.`,
      facts: { file: path, line },
    });
  }
}

/** A file's text without Skein's part, null where that was all of it. A file without such a part stays as it is, be it empty, unless `init` made it. */
function unwished({ content }: WishedFile, now: string, isMade = false): string | null {
  const left = contentWithout(content, now);
  const isTouched = isMade || left !== now;
  return left === null || (isTouched && isShell(content, left)) ? null : left;
}

function contentWithout(content: WishedFile["content"], now: string): string | null {
  switch (content.kind) {
    case "json":
      return withoutWish(now, content.wish);
    case "block":
      return removeBlock(now);
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
  return text.split("\n", 1).join("");
}

function readText(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}
