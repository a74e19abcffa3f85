import { literalPath } from "../leases/index.ts";
import type { LeaseOutcome } from "../leases/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Transaction } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";
import type { ReleaseFilesOutcome } from "./dispatch.ts";
import { identify } from "./identify.ts";
import type { ClaimFilesOutcome, ClaimFilesRequest, ReleaseFilesRequest } from "./request.ts";

/** One try at `claim_files`. A request that may wait stands in the queue while it is refused. */
export async function tryClaimFiles(
  deps: DispatchDeps,
  tx: Transaction,
  request: ClaimFilesRequest,
): Promise<ClaimFilesOutcome> {
  const standing = await identify(deps.sessions, tx, request.caller);
  const outcome = await requestFiles(deps, tx, { session: standing.session, request });
  return outcome.kind === "granted"
    ? { standing, granted: true, leases: [outcome.lease], refused: [], ahead: null }
    : {
        standing,
        granted: false,
        leases: [],
        refused: outcome.refused,
        ahead: outcome.ahead,
      };
}

/** The same session asking for the same paths again has its lease renewed, so a repeated call needs no key. */
async function requestFiles(
  { leases, paths, leaseMs }: DispatchDeps,
  tx: Transaction,
  { session, request }: { readonly session: Session; readonly request: ClaimFilesRequest },
): Promise<LeaseOutcome> {
  return leases.request(tx, {
    session: session.id,
    ancestors: session.ancestors,
    // An editor names one file, even where its name looks like a glob: `app/[id]/page.tsx`.
    patterns: request.paths.map((path) =>
      request.origin === "edit" ? literalPath(path) : paths.parse(path),
    ),
    mode: request.mode,
    origin: request.origin,
    reason: request.reason,
    durationMs: request.durationMs ?? leaseMs(),
    plan: null,
    task: null,
    branch: session.branch,
    queue: request.waitMs > 0,
  });
}

/** Gives back leases that belong to no claim, by id or by path. */
export async function releaseFiles(
  deps: DispatchDeps,
  tx: Transaction,
  request: ReleaseFilesRequest,
): Promise<ReleaseFilesOutcome> {
  const standing = await identify(deps.sessions, tx, request.caller);
  const { session } = standing;
  const own = (await deps.leases.list(tx, { session: session.id })).filter(
    ({ origin }) => origin === "files" || origin === "edit",
  );
  const wanted = new Set(request.leases.map((name) => name.replace(/\/$/u, "")));
  const chosen = own.filter(
    ({ id, patterns }) =>
      wanted.size === 0 || wanted.has(id) || patterns.some(({ text }) => wanted.has(text)),
  );
  const { leases: released, waiters } = await deps.leases.release(
    tx,
    { kind: "leases", ids: chosen.map(({ id }) => id) },
    { actor: `session:${session.id}`, cause: null, reason: "released" },
  );
  return { standing, released, waiters };
}
