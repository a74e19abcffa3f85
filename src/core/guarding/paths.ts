import { nobody } from "../dispatch/index.ts";
import { heldText } from "../leases/index.ts";
import type { Refusal } from "../leases/index.ts";
import type { Session } from "../sessions/index.ts";
import type { ForeignPath, GuardedPaths, GuardingDeps, GuardSubject } from "./asking.ts";

/** What a session's own subagents hold is its own here: they share one environment. */
export async function sortPaths(
  deps: GuardingDeps,
  session: Session | null,
  paths: readonly string[],
): Promise<GuardedPaths> {
  const verdicts = await deps.dispatch.check(session, paths);
  const refusals = [...verdicts.values()].flatMap((verdict) =>
    verdict.kind === "foreign" ? [verdict.refusal] : [],
  );
  const foreign = session === null ? refusals : await withoutChildren(deps, session, refusals);
  return {
    foreign: await foreignPaths(deps, foreign),
    free: [...verdicts].flatMap(([path, { kind }]) => (kind === "free" ? [path] : [])),
  };
}

async function foreignPaths(
  { store }: GuardingDeps,
  refusals: readonly Refusal[],
): Promise<readonly ForeignPath[]> {
  if (refusals.length === 0) {
    return [];
  }
  const nowMs = await store.read(async (reader) => reader.nowMs);
  return refusals.map((refusal) => ({ path: refusal.path, text: heldText(refusal, nowMs) }));
}

async function withoutChildren(
  { store, sessions }: GuardingDeps,
  session: Session,
  refusals: readonly Refusal[],
): Promise<readonly Refusal[]> {
  if (refusals.length === 0) {
    return refusals;
  }
  const holders = await store.read((reader) =>
    sessions.renewals(reader, [...new Set(refusals.map(({ holder }) => holder))]),
  );
  return refusals.filter(
    ({ holder }) => holders.get(holder)?.ancestors.includes(session.id) !== true,
  );
}

interface Leasing {
  readonly paths: readonly string[];
  readonly subject: GuardSubject;
}

/** As many paths as one lease takes, with room to spare. */
const leaseSize = 200;

/** So many characters of paths one transaction looks at: long ones take as much time as many. */
const leaseCharacters = 16_384;

function partsOf(paths: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = [];
  let characters = leaseCharacters;
  for (const path of paths) {
    const last = parts.at(-1);
    if (
      last === undefined ||
      last.length >= leaseSize ||
      characters + path.length > leaseCharacters
    ) {
      parts.push([path]);
      characters = path.length;
    } else {
      last.push(path);
      characters += path.length;
    }
  }
  return parts;
}

/** Leases paths for a session, as its commit changes them; gives what somebody else took meanwhile. */
export async function leasePaths(
  deps: GuardingDeps,
  session: Session,
  { paths, subject: { gitDir, branch, principal } }: Leasing,
): Promise<readonly ForeignPath[]> {
  const { store, sessions, dispatch } = deps;
  const handle = await store.write((tx) => sessions.mintHandle(tx, session));
  const { externalId, client } = session;
  const refused: Refusal[] = [];
  for (const part of partsOf(paths)) {
    if (refused.length > 0) {
      break;
    }
    const outcome = await dispatch.claimFiles({
      // The session speaks for itself: what it is called stays as it is.
      caller: { ...nobody, handle, externalId, client, gitDir, branch, principal },
      paths: part,
      mode: "exclusive",
      durationMs: null,
      reason: "committed it",
      waitMs: 0,
      origin: "edit",
      key: null,
      signal: null,
    });
    refused.push(...outcome.refused);
  }
  return foreignPaths(deps, refused);
}
