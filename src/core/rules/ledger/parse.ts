import { SkeinError } from "../../base/errors.ts";
import {
  isLooseObject,
  ownObject,
  ownText,
  ownValue,
  parseLooseObject,
} from "../../base/loose-object.ts";
import type { LooseObject } from "../../base/loose-object.ts";
import { byteLength, cleanLine } from "../../base/text.ts";
import { parsePathPattern } from "../../leases/index.ts";
import type { PathPattern } from "../../leases/index.ts";
import { rulesErrors } from "../errors.ts";
import { maxLedgerBytes } from "./ledger.ts";
import type { Ledger, LedgerLease, LedgerTask, Publication } from "./ledger.ts";

/** The most of each that is read; what is beyond them is left out and counted. */
export const ledgerLimits = {
  publications: 20,
  leases: 2_000,
  tasks: 2_000,
  patterns: 256,
  names: 20,
} as const;

/**
 * Reads the text of a published ledger. Whoever may push to the repository may have written it: unknown fields are passed over, an entry
 * that makes no sense is left out and counted, and every text is cut and clean.
 *
 * @throws {SkeinError} SKN-0931 when it is no ledger at all or too large, SKN-2931 when it is of a newer version.
 */
export function parseLedger(text: string): Ledger {
  if (byteLength(text) > maxLedgerBytes) {
    throw unreadable("It has more than 1 MiB.");
  }
  const file = parseLooseObject(text);
  if (file === null) {
    throw unreadable("It is no JSON object.");
  }
  const version = ownValue(file, "schema_version");
  if (typeof version === "number" && version > 1) {
    throw new SkeinError(rulesErrors.ledgerNewer, { facts: { schema_version: version } });
  }
  if (version !== 1) {
    throw unreadable("It has no schema_version.");
  }
  const { kept } = listOf(file, "publications", {
    most: ledgerLimits.publications,
    read: publicationOf,
  });
  return { source: "published", publications: kept };
}

function unreadable(message: string): SkeinError {
  return new SkeinError(rulesErrors.ledgerUnreadable, {
    message: `The published ledger cannot be read: ${message}`,
  });
}

function publicationOf(entry: LooseObject): Publication | null {
  const publisher = ownText(entry, "publisher");
  const publishedAtMs = timeOf(entry, "published_at");
  const headSeq = countOf(entry, "head_seq");
  if (
    publisher === null ||
    !/^\w{8,64}$/u.test(publisher) ||
    publishedAtMs === null ||
    headSeq === null
  ) {
    return null;
  }
  const leases = listOf(entry, "leases", { most: ledgerLimits.leases, read: leaseOf });
  const tasks = listOf(entry, "tasks", { most: ledgerLimits.tasks, read: taskOf });
  return {
    publisher,
    repository: lineOf(ownObject(entry, "project"), "repository", 200),
    publishedAtMs,
    headSeq,
    caseInsensitive: ownValue(entry, "case_insensitive") === true,
    leases: leases.kept,
    tasks: tasks.kept,
    omitted: (countOf(entry, "omitted") ?? 0) + leases.dropped + tasks.dropped,
  };
}

function leaseOf(entry: LooseObject): LedgerLease | null {
  const session = nameOf(entry, "session");
  const id = nameOf(entry, "id");
  const held = heldOf(entry);
  return session === null || id === null || held === null
    ? null
    : {
        id,
        session,
        name: lineOf(entry, "name", 40) ?? session,
        ancestors: namesOf(entry, "ancestors"),
        task: lineOf(entry, "task", 200),
        isLanding: ownValue(entry, "landing") === true,
        branch: lineOf(entry, "branch", 200),
        reason: lineOf(entry, "reason", 120) ?? "",
        ...held,
      };
}

/** What is held, how and until when. An end that cannot be read is no "for ever". */
function heldOf(
  entry: LooseObject,
): Pick<LedgerLease, "patterns" | "mode" | "fence" | "untilMs"> | null {
  const mode = ownValue(entry, "mode");
  const fence = countOf(entry, "fence");
  const patterns = patternsOf(entry, "patterns");
  const untilMs = timeOf(entry, "until");
  const isEndless = (ownValue(entry, "until") ?? null) === null;
  if (fence === null || patterns === null || (untilMs === null && !isEndless)) {
    return null;
  }
  return mode === "exclusive" || mode === "shared" ? { patterns, mode, fence, untilMs } : null;
}

function taskOf(entry: LooseObject): LedgerTask | null {
  const task = ownText(entry, "task");
  if (task === null || !/^[\w.-]{1,200}\/[\w.-]{1,200}$/u.test(task)) {
    return null;
  }
  const isUnbound = (ownValue(entry, "scope") ?? null) === null;
  const scope = isUnbound ? null : patternsOf(entry, "scope");
  if (!isUnbound && scope === null) {
    return null;
  }
  const accepted = ownValue(entry, "accepted");
  return {
    task,
    state: lineOf(entry, "state", 20) ?? "",
    fence: countOf(entry, "fence"),
    session: nameOf(entry, "session"),
    ancestors: namesOf(entry, "ancestors"),
    accepted: (Array.isArray(accepted) ? accepted : [])
      .filter(isCount)
      .slice(0, ledgerLimits.names),
    scope,
  };
}

interface Reading<T> {
  readonly most: number;
  readonly read: (entry: LooseObject) => T | null;
}

function listOf<T>(
  object: LooseObject,
  key: string,
  { most, read }: Reading<T>,
): { readonly kept: readonly T[]; readonly dropped: number } {
  const value = ownValue(object, key);
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  const kept = entries
    .slice(0, most)
    .map((entry) => (isLooseObject(entry) ? read(entry) : null))
    .filter((entry) => entry !== null);
  return { kept, dropped: entries.length - kept.length };
}

/** All patterns or none: a lease of which a part cannot be read is not a smaller lease. */
function patternsOf(object: LooseObject, key: string): readonly PathPattern[] | null {
  const { kept, dropped } = listOf(object, key, { most: ledgerLimits.patterns, read: patternOf });
  return dropped > 0 || kept.length === 0 ? null : kept;
}

const existing = { literal: "file", dir: "directory", glob: null } as const;

function patternOf(entry: LooseObject): PathPattern | null {
  const text = ownText(entry, "text");
  const kind = ownValue(entry, "kind");
  if (text === null || (kind !== "literal" && kind !== "dir" && kind !== "glob")) {
    return null;
  }
  try {
    const pattern = parsePathPattern(text === "" ? "." : text, {
      pathExists: () => existing[kind],
    });
    return pattern.kind === kind ? pattern : null;
  } catch (error) {
    if (error instanceof SkeinError) {
      return null;
    }
    throw error;
  }
}

function lineOf(object: LooseObject, key: string, maxChars: number): string | null {
  const text = ownText(object, key);
  const line = text === null ? "" : cleanLine(text.slice(0, 4_096), maxChars);
  return line === "" ? null : line;
}

/** A name that code goes by: nothing is taken out of it, so that no two become one. */
function nameOf(object: LooseObject, key: string): string | null {
  const text = ownText(object, key);
  return isName(text) ? text : null;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && /^[\w.:-]{1,64}$/u.test(value);
}

function namesOf(object: LooseObject, key: string): readonly string[] {
  const value = ownValue(object, key);
  const names: readonly unknown[] = Array.isArray(value) ? value.slice(0, ledgerLimits.names) : [];
  return names.filter(isName);
}

function countOf(object: LooseObject, key: string): number | null {
  const value = ownValue(object, key);
  return isCount(value) ? value : null;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function timeOf(object: LooseObject, key: string): number | null {
  const text = ownText(object, key);
  const isTime = text !== null && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/u.test(text);
  const ms = isTime ? Date.parse(text) : Number.NaN;
  return Number.isFinite(ms) ? ms : null;
}
