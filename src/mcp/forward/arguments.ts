import { randomBytes } from "node:crypto";
import { toPatterns } from "../paths.ts";
import type { PathInRepository } from "../paths.ts";
import { isRecord } from "../record.ts";
import type { UnknownRecord } from "../record.ts";
import type { AnyTool } from "../tool.ts";
import { plainForOthers } from "../../adapters/git/plain-path.ts";

/** Where each tool is given paths. */
const pathFields: Readonly<Record<string, string>> = {
  claim_files: "paths",
  release_files: "paths",
  update_task: "add_paths",
};

export interface Sending {
  readonly tool: AnyTool;
  readonly input: unknown;
  /** Null where this machine has no worktree of the project. */
  readonly place: PathInRepository | null;
}

/**
 * The arguments of a call as a server takes them: paths from the root, with what links of this disk lead to, and a key, so that a call whose
 * answer is lost can be sent again.
 *
 * @throws {SkeinError} SKN-8951 when a path leads out of the repository.
 */
export function argumentsFor({ tool, input, place }: Sending): UnknownRecord {
  const given = isRecord(input) ? input : {};
  const field = pathFields[tool.name];
  const written = field === undefined ? undefined : given[field];
  const paths =
    field === undefined || place === null || !Array.isArray(written)
      ? {}
      : { [field]: written.flatMap((path: unknown) => rootPaths(place, path)) };
  return withKey(tool, { ...given, ...paths, ...placeOfLook(tool, given, place) }, newKey);
}

/** The arguments of a call with a key, where its tool takes one and its agent gave none. */
export function withKey(tool: AnyTool, given: UnknownRecord, key: () => string): UnknownRecord {
  return "key" in tool.input.shape && given["key"] === undefined ? { ...given, key: key() } : given;
}

/** True for arguments with paths, which count from where the agent is. */
export function namesPaths(tool: AnyTool, given: UnknownRecord): boolean {
  const field = pathFields[tool.name];
  return field !== undefined && given[field] !== undefined;
}

/** True for a call that hands in what the caller's worktree stands at: a server has no worktree to look at. */
export function handsInHead(tool: AnyTool, input: unknown): boolean {
  const given = isRecord(input) ? input : {};
  const { outcome, commit } = given;
  const isMeant = commit === undefined || commit === "HEAD";
  return tool.name === "finish_task" && outcome === "submitted" && isMeant;
}

/** What tells the keys of this process from those of all others. */
const ownPart = randomBytes(12).toString("base64url");

let keys = 0;

/** A key that no other call has. */
export function newKey(): string {
  keys += 1;
  return `auto-${ownPart}-${String(keys)}`;
}

/** `look {at: "files", id}` names a path; anywhere else the id is no path. */
function placeOfLook(
  tool: AnyTool,
  given: UnknownRecord,
  place: PathInRepository | null,
): UnknownRecord {
  const { id } = given;
  if (tool.name !== "look" || given["at"] !== "files" || place === null || typeof id !== "string") {
    return {};
  }
  const [path = id] = toPatterns(place, [id]);
  return { id: path };
}

function rootPaths(place: PathInRepository, path: unknown): readonly unknown[] {
  if (typeof path !== "string" || /^L\d+$/u.test(path)) {
    return [path];
  }
  return toPatterns(place, [path]).map((found) => plainForOthers(place.root, found));
}
