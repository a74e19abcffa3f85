import { heldText, parsePathPattern, patternMatches } from "../../core/leases/index.ts";
import type { Refusal } from "../../core/leases/index.ts";
import type { Session } from "../../core/sessions/index.ts";
import { guardErrors } from "./errors.ts";
import type { Guarded, Objection } from "./guarded.ts";

/** The paths of a commit or a push, by what the ledger says of them. */
export interface PathsFound {
  readonly foreign: readonly Refusal[];
  readonly free: readonly string[];
  /** Held by the session or those it works for, or free. */
  readonly mine: readonly string[];
}

/** Asks the ledger about paths. What a session's own subagents hold is its own here: they share one environment. */
export async function findPaths(
  { skein, settings, repository }: Guarded,
  session: Session | null,
  paths: readonly string[],
): Promise<PathsFound> {
  const { caseInsensitive } = settings.leases;
  const policy = {
    caseInsensitive: caseInsensitive === "auto" ? repository.ignoresCase : caseInsensitive,
  };
  const generated = settings.generated.map((pattern) => parsePathPattern(pattern));
  const checked = paths.filter(
    (path) => !generated.some((pattern) => patternMatches(pattern, path, policy)),
  );
  const verdicts = await skein.dispatch.check(session, checked);
  const refusals = [...verdicts.values()].flatMap((verdict) =>
    verdict.kind === "foreign" ? [verdict.refusal] : [],
  );
  const foreign = session === null ? refusals : await withoutChildren(skein, session, refusals);
  const taken = new Set(foreign.map(({ path }) => path));
  return {
    foreign,
    free: [...verdicts].flatMap(([path, { kind }]) => (kind === "free" ? [path] : [])),
    mine: paths.filter((path) => !taken.has(path)),
  };
}

async function withoutChildren(
  skein: Guarded["skein"],
  session: Session,
  refusals: readonly Refusal[],
): Promise<readonly Refusal[]> {
  if (refusals.length === 0) {
    return refusals;
  }
  const holders = await skein.store.read((reader) =>
    skein.sessions.renewals(reader, [...new Set(refusals.map(({ holder }) => holder))]),
  );
  return refusals.filter(
    ({ holder }) => holders.get(holder)?.ancestors.includes(session.id) !== true,
  );
}

/** The most paths that a message names. */
const nameLimit = 10;

/** Why foreign paths stop a commit, and how to commit the rest of what is staged in a shared index. */
export function foreignObjection(found: PathsFound, nowMs: number): Objection {
  const named = found.foreign.slice(0, nameLimit).map((refusal) => heldText(refusal, nowMs));
  const more = found.foreign.length - named.length;
  const own = found.mine.slice(0, nameLimit).map(shellWord).join(" ");
  const { code, fix } = guardErrors.foreignPaths;
  return {
    code,
    what: `${named.join(";\n  ")}${more > 0 ? `;\n  and ${String(more)} more` : ""}.`,
    next:
      found.mine.length === 0 || found.mine.length > nameLimit
        ? fix
        : `Commit your own paths alone: git commit --only -- ${own}`,
  };
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
