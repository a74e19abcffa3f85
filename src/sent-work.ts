import { serverErrors } from "./adapters/server/index.ts";
import { SkeinError } from "./core/base/errors.ts";
import { isLooseObject, ownText, ownValue } from "./core/base/loose-object.ts";
import type { LooseObject } from "./core/base/loose-object.ts";
import type { Base } from "./core/planner/index.ts";
import { parseDiff } from "./core/review/index.ts";
import type { Instruction } from "./core/review/index.ts";
import type { SentChange } from "./review-sources.ts";

export type { SentChange } from "./review-sources.ts";

/** What a caller sends of its repository with a call, since a server has none of it. Its sender's word, and hostile as any. */
export interface SentWork {
  /** What is to be reviewed. */
  readonly change: SentChange | null;
  /** What plans are checked against. */
  readonly tree: Base | null;
}

export const nothingSent: SentWork = { change: null, tree: null };

const most = { instructions: 100, instructionChars: 100_000, lockFiles: 10_000, paths: 200_000 };
const longestPath = 4_096;
const longestSubject = 300;

/** Reads what came with a call. @throws {SkeinError} SKN-1924 naming the field, SKN-186x for a diff that cannot be read. */
export function parseSentWork(value: unknown): SentWork {
  if (value === undefined || value === null) {
    return nothingSent;
  }
  const work = objectOf(value, "work");
  const [change, tree] = [ownValue(work, "change") ?? null, ownValue(work, "tree") ?? null];
  return {
    change: change === null ? null : changeIn(objectOf(change, "work.change")),
    tree: tree === null ? null : treeIn(objectOf(tree, "work.tree")),
  };
}

function changeIn(sent: LooseObject): SentChange {
  const diff = ownText(sent, "diff");
  const subject = ownText(sent, "subject") ?? "";
  if (diff === null) {
    throw wrong("work.change.diff");
  }
  if (!/^(?:branch|worktree|range|patch):/u.test(subject) || subject.length > longestSubject) {
    throw wrong("work.change.subject");
  }
  return {
    subject,
    change: {
      base: commitAt(sent, "base"),
      head: commitAt(sent, "head"),
      files: parseDiff(diff),
    },
    instructions: instructionsIn(sent),
    lockFiles: pathsAt(sent, "lock_files", most.lockFiles),
  };
}

function treeIn(sent: LooseObject): Base {
  return { commit: commitAt(sent, "commit"), paths: pathsAt(sent, "paths", most.paths) };
}

function instructionsIn(sent: LooseObject): readonly Instruction[] {
  const list = ownValue(sent, "instructions") ?? [];
  if (!Array.isArray(list) || list.length > most.instructions) {
    throw wrong("work.change.instructions");
  }
  return list.map((each: unknown) => {
    const object = objectOf(each, "work.change.instructions");
    const [path, text] = [ownText(object, "path"), ownText(object, "text")];
    if (path === null || text === null || !isPath(path) || text.length > most.instructionChars) {
      throw wrong("work.change.instructions");
    }
    return { path, text };
  });
}

function pathsAt(sent: LooseObject, key: string, mostPaths: number): readonly string[] {
  const list = ownValue(sent, key) ?? [];
  if (!Array.isArray(list) || list.length > mostPaths) {
    throw wrong(key);
  }
  const paths = list.filter((each): each is string => typeof each === "string" && isPath(each));
  if (paths.length !== list.length) {
    throw wrong(key);
  }
  return paths;
}

function isPath(text: string): boolean {
  return text !== "" && text.length <= longestPath && !text.includes("\0");
}

/** Names a commit, and is looked for nowhere. */
function commitAt(sent: LooseObject, key: string): string | null {
  const value = ownValue(sent, key) ?? null;
  if (value === null || (typeof value === "string" && /^[0-9a-f]{40,64}$/u.test(value))) {
    return value;
  }
  throw wrong(key);
}

function objectOf(value: unknown, field: string): LooseObject {
  if (!isLooseObject(value)) {
    throw wrong(field);
  }
  return value;
}

function wrong(field: string): SkeinError {
  return new SkeinError(serverErrors.badWork, {
    message: `\`${field}\` is not as a server takes it.`,
    facts: { field },
  });
}
