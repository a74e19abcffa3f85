import type { LedgerLease, LedgerTask, Publication } from "./ledger/ledger.ts";
import { readMarks, readSessions } from "./marks.ts";
import type { ClaimMark, SessionMark } from "./marks.ts";
import { hasPermission } from "./people.ts";
import type { ChangeCommit, Snapshot } from "./snapshot.ts";

/** What the ledger says of a mark: under a claim that stands or was handed in, under one that is over, or nothing. */
export type MarkStanding =
  | { readonly kind: "good"; readonly task: LedgerTask; readonly publication: Publication }
  | { readonly kind: "stale"; readonly task: LedgerTask }
  | { readonly kind: "unknown" };

/** Judges a mark. It is over only where a ledger that is newer than its fence knows the task and not the fence. */
export function standingOfMark(
  { task: name, fence }: ClaimMark,
  publications: readonly Publication[],
): MarkStanding {
  let stale: LedgerTask | null = null;
  for (const publication of publications) {
    const task = publication.tasks.find((each) => each.task === name);
    if (task !== undefined && (task.fence === fence || task.accepted.includes(fence))) {
      return { kind: "good", task, publication };
    }
    if (task !== undefined && fence <= publication.headSeq) {
      stale ??= task;
    }
  }
  return stale === null ? { kind: "unknown" } : { kind: "stale", task: stale };
}

/** Who made which path of a change, as far as marks tell. */
export interface Authorship {
  /** True when every commit of the change that touches the path was made under the lease, or by those who work with its holder. */
  isOwn(path: string, lease: LedgerLease, publication: Publication): boolean;
}

/**
 * Reads the marks of a change's commits. Whoever can push may write any mark, so that they count only in the repository itself, and only
 * for an author who may push there.
 */
export function authorshipOf(snapshot: Snapshot, publications: readonly Publication[]): Authorship {
  const commits = snapshot.commits.kind === "known" ? snapshot.commits.value : [];
  const makers = makersByPath(trustsMarks(snapshot) ? commits : [], publications);
  return {
    isOwn: (path, lease, publication) => {
      const made = makers.get(path) ?? [];
      return made.length > 0 && made.every((maker) => isAkin(maker, lease, publication));
    },
  };
}

/** A bot opens pull requests for others; its own permission says nothing of who pushed. */
function trustsMarks({ head, author }: Snapshot): boolean {
  const isStranger =
    author.kind === "known" &&
    author.value.kind === "person" &&
    !hasPermission(author.value, "write");
  return !head.isFork && !isStranger;
}

/** Who says to have made one commit. */
interface Maker {
  readonly claims: readonly Good[];
  readonly sessions: readonly SessionMark[];
}

type Good = Extract<MarkStanding, { readonly kind: "good" }>;

/** An attempt that was handed in and sent back is no offence, and holds nothing any more. */
function isHolding({ fence }: ClaimMark, standing: MarkStanding): standing is Good {
  return standing.kind === "good" && standing.task.fence === fence;
}

function makersByPath(
  commits: readonly ChangeCommit[],
  publications: readonly Publication[],
): ReadonlyMap<string, readonly Maker[]> {
  const makers = new Map<string, Maker[]>();
  for (const { message, paths } of commits) {
    const claims = readMarks(message)
      .map((mark) => ({ mark, standing: standingOfMark(mark, publications) }))
      .flatMap(({ mark, standing }) => (isHolding(mark, standing) ? [standing] : []));
    const maker = { claims, sessions: readSessions(message) };
    for (const path of paths) {
      makers.set(path, [...(makers.get(path) ?? []), maker]);
    }
  }
  return makers;
}

function isAkin(
  { claims, sessions }: Maker,
  lease: LedgerLease,
  publication: Publication,
): boolean {
  const isBySession = sessions.some(
    ({ publisher, session }) =>
      publisher === publication.publisher && isOneTeam(session, [], lease),
  );
  const isByClaim = claims.some(
    (good) =>
      good.publication === publication &&
      (good.task.task === lease.task ||
        (good.task.session !== null && isOneTeam(good.task.session, good.task.ancestors, lease))),
  );
  return isBySession || isByClaim;
}

/** A session, those for whom it works, and those who work for it: an editor's subagents commit as one. */
function isOneTeam(session: string, ancestors: readonly string[], lease: LedgerLease): boolean {
  return (
    lease.session === session ||
    ancestors.includes(lease.session) ||
    lease.ancestors.includes(session)
  );
}
