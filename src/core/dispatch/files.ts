import type { Json } from "../base/json.ts";
import { literalPath } from "../leases/index.ts";
import type { Lease, LeaseOutcome, Released } from "../leases/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Transaction } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";
import type { ReleaseFilesOutcome } from "./dispatch.ts";
import { identify } from "./identify.ts";
import type { ClaimFilesOutcome, ClaimFilesRequest, ReleaseFilesRequest } from "./request.ts";
import { readGiven } from "./scope.ts";

/** One try at `claim_files`. A request that may wait stands in the queue while it is refused. */
export async function tryClaimFiles(
  deps: DispatchDeps,
  tx: Transaction,
  request: ClaimFilesRequest,
): Promise<ClaimFilesOutcome> {
  const standing = await identify(deps.sessions, tx, request.caller);
  const outcome = await requestOnce(deps, tx, { session: standing.session, request });
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

interface Asking {
  readonly session: Session;
  readonly request: ClaimFilesRequest;
}

/** A refusal is nothing done: the call may be made again with its key. A lease that has ended since is asked for anew. */
async function requestOnce(
  deps: DispatchDeps,
  tx: Transaction,
  { session, request }: Asking,
): Promise<LeaseOutcome> {
  const fresh: LeaseOutcome[] = [];
  const { paths, mode, durationMs, reason, key } = request;
  const { result } = await deps.sessions.once(
    tx,
    {
      session: session.id,
      key,
      operation: "claim_files",
      args: { paths: [...paths], mode, durationMs, reason },
    },
    async () => {
      const outcome = await requestFiles(deps, tx, { session, request });
      fresh.push(outcome);
      return outcome.kind === "granted" ? outcome.lease.id : null;
    },
  );
  return fresh[0] ?? (await regranted(deps, tx, { session, request, id: result }));
}

async function regranted(
  deps: DispatchDeps,
  tx: Transaction,
  { id, ...asking }: Asking & { readonly id: Json },
): Promise<LeaseOutcome> {
  const held = await deps.leases.list(tx, { session: asking.session.id });
  const lease = held.find((each) => each.id === id);
  return lease === undefined ? requestFiles(deps, tx, asking) : { kind: "granted", lease };
}

/** The same session asking for the same paths again has its lease renewed. */
async function requestFiles(
  { leases, paths, leaseMs }: DispatchDeps,
  tx: Transaction,
  { session, request }: Asking,
): Promise<LeaseOutcome> {
  return leases.request(tx, {
    session: session.id,
    ancestors: session.ancestors,
    // An editor names one file, even where its name looks like a glob: `app/[id]/page.tsx`.
    patterns: request.paths.map((path) =>
      request.origin === "edit" ? literalPath(path) : readGiven(paths, path),
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

/** Gives back leases that belong to no claim, by id or by path; once for a key, so that what was claimed meanwhile stays. */
export async function releaseFiles(
  deps: DispatchDeps,
  tx: Transaction,
  request: ReleaseFilesRequest,
): Promise<ReleaseFilesOutcome> {
  const standing = await identify(deps.sessions, tx, request.caller);
  const { session } = standing;
  const fresh: Released[] = [];
  const { result } = await deps.sessions.once(
    tx,
    {
      session: session.id,
      key: request.key,
      operation: "release_files",
      args: { leases: [...request.leases] },
    },
    async () => {
      const released = await releaseNow(deps, tx, { session, names: request.leases });
      fresh.push(released);
      return { ids: released.leases.map(({ id }) => id), waiters: released.waiters };
    },
  );
  const { leases, waiters } = fresh[0] ?? (await recallRelease(deps, tx, result));
  return { standing, released: leases, waiters };
}

async function recallRelease(
  { leases }: DispatchDeps,
  tx: Transaction,
  result: Json,
): Promise<Released> {
  const { ids, waiters } = Object(result);
  const released: Lease[] = [];
  for (const id of Array.isArray(ids) ? ids : []) {
    const lease = typeof id === "string" ? await leases.get(tx, id) : null;
    released.push(...(lease === null ? [] : [lease]));
  }
  return { leases: released, waiters: typeof waiters === "number" ? waiters : 0 };
}

async function releaseNow(
  deps: DispatchDeps,
  tx: Transaction,
  { session, names }: { readonly session: Session; readonly names: readonly string[] },
): Promise<Released> {
  const own = (await deps.leases.list(tx, { session: session.id })).filter(
    ({ origin }) => origin === "files" || origin === "edit",
  );
  const wanted = new Set(names.map((name) => name.replace(/\/$/u, "")));
  const chosen = own.filter(
    ({ id, patterns }) =>
      wanted.size === 0 || wanted.has(id) || patterns.some(({ text }) => wanted.has(text)),
  );
  return deps.leases.release(
    tx,
    { kind: "leases", ids: chosen.map(({ id }) => id) },
    { actor: `session:${session.id}`, cause: null, reason: "released" },
  );
}
