import type { LeaseVerdict, Refusal } from "../../core/leases/index.ts";
import type { Session } from "../../core/sessions/index.ts";
import { silent } from "./answer.ts";
import type { HookAnswer } from "./answer.ts";
import { isAgent, sessionOf } from "./context.ts";
import type { HookContext } from "./context.ts";
import type { HookCall } from "./payload.ts";
import { denialText, refusalText } from "./words.ts";

/**
 * Answers before a tool writes files: what the session or its parents hold may be written, what is free is leased by itself, what another
 * session holds is denied. A person is warned and never stopped.
 */
export async function preEdit(context: HookContext, call: HookCall): Promise<HookAnswer> {
  const paths = context.worktree.writtenPaths(call);
  if (paths.length === 0) {
    return silent;
  }
  const session = await sessionOf(context);
  const sorted = await sortPaths(context, session, paths);
  if (sorted.foreign.length > 0) {
    return denied(context, sorted.foreign);
  }
  if (!isAgent(context.caller)) {
    return silent;
  }
  if (sorted.toLease.length === 0) {
    await renew(context, session);
    return silent;
  }
  const refused = await leaseEdits(context, sorted.toLease.slice(0, leaseLimit));
  return refused.length === 0 ? silent : denied(context, refused);
}

/** Paths by what is to be done about them. */
export interface SortedPaths {
  readonly foreign: readonly Refusal[];
  /** Free ones, and those whose lease an edit now should renew. */
  readonly toLease: readonly string[];
}

/** Asks the ledger about paths and leaves out those that need no lease. */
export async function sortPaths(
  context: HookContext,
  session: Session | null,
  paths: readonly string[],
): Promise<SortedPaths> {
  const verdicts = await context.skein.dispatch.check(session, paths);
  const foreign: Refusal[] = [];
  const toLease: string[] = [];
  for (const [path, verdict] of verdicts) {
    if (needsCare(verdict) && !(await context.isExempt(path))) {
      if (verdict.kind === "foreign") {
        foreign.push(verdict.refusal);
      } else {
        toLease.push(path);
      }
    }
  }
  return { foreign, toLease };
}

function needsCare(verdict: LeaseVerdict): boolean {
  return verdict.kind === "own" ? verdict.isRenewalDue : verdict.kind !== "covered";
}

/** The most paths that one call leases by itself; the rest were looked at, and are leased by their commit. */
export const leaseLimit = 200;

/** Leases edited paths for the caller, all of them or none; gives what stood in the way. */
export async function leaseEdits(
  { skein, caller }: HookContext,
  paths: readonly string[],
): Promise<readonly Refusal[]> {
  const outcome = await skein.dispatch.claimFiles({
    caller,
    paths,
    mode: "exclusive",
    durationMs: null,
    reason: "edited it",
    waitMs: 0,
    origin: "edit",
    key: null,
    signal: null,
  });
  return outcome.refused;
}

/** Any hook of a session renews what it holds; the ledger writes that at most once a minute. */
export async function renew({ skein }: HookContext, session: Session | null): Promise<void> {
  if (session !== null) {
    await skein.sessions.renewIfDue(skein.store, session);
  }
}

async function denied(context: HookContext, refusals: readonly Refusal[]): Promise<HookAnswer> {
  const nowMs = await context.skein.store.read(async (reader) => reader.nowMs);
  return isAgent(context.caller)
    ? { kind: "deny", reason: denialText(refusals, nowMs) }
    : { kind: "note", text: `Skein: ${refusalText(refusals, nowMs)}` };
}
