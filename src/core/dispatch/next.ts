import { SkeinError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { together } from "../base/together.ts";
import { shortfallOf } from "../costs/index.ts";
import type { Message } from "../messages/index.ts";
import type { Candidate, Task } from "../plans/index.ts";
import type { OnceRequest, Session } from "../sessions/index.ts";
import type { Transaction } from "../store/index.ts";
import { candidateOf } from "./candidate-of.ts";
import { takeTask, viewClaim } from "./claim.ts";
import type { DispatchDeps } from "./deps.ts";
import { dispatchErrors } from "./errors.ts";
import { firstLook } from "./first-look.ts";
import type { FirstLook } from "./first-look.ts";
import { identify } from "./identify.ts";
import { pickTask, readyTasks } from "./pick.ts";
import type { PickOutcome } from "./picked-task.ts";
import type { Claim, NextTaskOutcome, NextTaskRequest, Standing } from "./request.ts";
import { estimateOf, reserveFor } from "./reserve.ts";
import { checkRoom } from "./room.ts";
import { nothingFound, summarise } from "./summary.ts";
import type { Findings } from "./summary.ts";
import { whyOf } from "./why.ts";
import { scopeOf } from "./scope.ts";
import { firstRefusal } from "./verdicts.ts";

/** How many messages one reply brings at most. */
const inboxLimit = 20;

/** One try at `next_task`: the whole start of work in one transaction. */
export function tryNext(
  deps: DispatchDeps,
  tx: Transaction,
  request: NextTaskRequest,
): Promise<NextTaskOutcome> {
  return nextFor(deps, tx, { standing: identify(deps.sessions, tx, request.caller), request });
}

/** The same for a session that is looked for already, as in `finish_task`. */
export async function nextFor(
  deps: DispatchDeps,
  tx: Transaction,
  { standing: whose, request }: NextFor,
): Promise<NextTaskOutcome> {
  const standing = await whose;
  const { session } = standing;
  const fresh: Reply[] = [];
  const { result } = await deps.sessions.once(tx, callOf(session, request), async () => {
    // What a choice will look at first is read beside the first look.
    const isAny = request.task === null;
    const [seen, ready] = await together([
      firstLook(deps, tx, session),
      isAny ? readyTasks(deps, tx, request) : nothing,
    ]);
    const given = await give(deps, tx, { session, request, seen, ready });
    const inbox = seen.hasMail ? await deps.messages.drain(tx, session, { limit: inboxLimit }) : [];
    fresh.push({ ...given, inbox });
    return keptOf(given.claim, inbox);
  });
  const { claim, findings, inbox } = fresh[0] ?? (await recall(deps, tx, { session, result }));
  return {
    standing,
    claim,
    inbox,
    waiting: claim === null ? await summarise(deps, tx, { request, findings }) : null,
    nowMs: tx.nowMs,
  };
}

interface NextFor {
  readonly standing: Promise<Standing>;
  readonly request: NextTaskRequest;
}

/** What makes a request the same call as another. */
export function callOf({ id }: Session, { key, plan, task }: NextTaskRequest): OnceRequest {
  return { session: id, key, operation: "next_task", args: { plan, task } };
}

/** What a try gave, and what it found in the way. */
interface Given {
  readonly claim: Claim | null;
  readonly findings: Findings;
}

/** The same with the messages that it marked as read. */
interface Reply extends Given {
  readonly inbox: readonly Message[];
}

/** What is remembered of a reply for its key; null when nothing was done. A reply that was lost brings its messages again. */
export function keptOf(claim: Claim | null, inbox: readonly Message[]): Json {
  const messages = inbox.map(({ id }) => id);
  if (claim !== null) {
    return { plan: claim.task.plan, id: claim.task.id, messages };
  }
  return messages.length === 0 ? null : { messages };
}

const nothing: Promise<readonly never[]> = Promise.resolve([]);

interface Giving {
  readonly session: Session;
  readonly request: NextTaskRequest;
  readonly seen: FirstLook;
  /** The first ready tasks, when any will do. */
  readonly ready: readonly Candidate[];
}

async function give(
  deps: DispatchDeps,
  tx: Transaction,
  { session, request, seen, ready }: Giving,
): Promise<Given> {
  const held = seen.holdsTask ? await deps.plans.taskHeldBy(tx, session.id) : null;
  if (held !== null) {
    return { claim: await heldClaim(deps, tx, { session, task: held }), findings: nothingFound };
  }
  checkRoom(deps.room());
  await deps.events.ensureRoom(tx, "new");
  const picked =
    request.task === null
      ? await pickAny(deps, tx, { session, plan: request.plan, ready, seen })
      : await pickNamed(deps, tx, { session, name: request.task });
  if (picked.pick === null) {
    return { claim: null, findings: picked.findings };
  }
  const claim = await takeTask(deps, tx, { session, pick: picked.pick });
  return { claim, findings: nothingFound };
}

interface PickingAny {
  readonly session: Session;
  readonly plan: string | null;
  readonly ready: readonly Candidate[];
  readonly seen: FirstLook;
}

/** Picks the best task, or repeats what another found in the way of all of them, as long as nothing has changed since. */
async function pickAny(
  deps: DispatchDeps,
  tx: Transaction,
  { session, plan, ready, seen }: PickingAny,
): Promise<PickOutcome> {
  const { seq, hasTouched } = seen;
  const known = session.ancestors.length === 0 ? deps.nothing.at(plan, seq) : null;
  const isLikeOthers =
    known !== null &&
    (!hasTouched || (await deps.leases.list(tx, { session: session.id })).length === 0);
  if (isLikeOthers) {
    return { pick: null, findings: known };
  }
  const full = seen.isLimited ? await deps.plans.full(tx) : [];
  const picked = await pickTask(deps, tx, { session, plan, full, ready, hasTouched });
  if (picked.pick === null && picked.findings.isForAll) {
    deps.nothing.keep(tx, plan, { seq, findings: picked.findings });
  }
  return picked;
}

/** Rebuilds the reply of an earlier call with the same key. */
async function recall(
  deps: DispatchDeps,
  tx: Transaction,
  { session, result }: { readonly session: Session; readonly result: Json },
): Promise<Reply> {
  const inbox = await deps.messages.named(tx, messagesOf(result));
  const key = parseTaskKey(result);
  if (key === null) {
    return { claim: null, findings: nothingFound, inbox };
  }
  const task = await deps.plans.get(tx, key);
  return { claim: await heldClaim(deps, tx, { session, task }), findings: nothingFound, inbox };
}

function messagesOf(result: Json): readonly string[] {
  const ids =
    typeof result === "object" && result !== null && "messages" in result ? result["messages"] : [];
  return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
}

function parseTaskKey(result: Json): { readonly plan: string; readonly id: string } | null {
  if (typeof result !== "object" || result === null || !("plan" in result)) {
    return null;
  }
  const { plan, id } = result;
  return typeof plan === "string" && typeof id === "string" ? { plan, id } : null;
}

async function heldClaim(
  deps: DispatchDeps,
  tx: Transaction,
  { session, task }: { readonly session: Session; readonly task: Task },
): Promise<Claim> {
  const leases = await deps.leases.list(tx, { plan: task.plan, task: task.id });
  const landed = await deps.leases.landedCommits(tx, scopeOf(deps.paths, task));
  return viewClaim(deps, tx, { session, task, leases, landed, isHeld: true });
}

/** Picks one named task, or tells in sentences why it is not to be had. */
async function pickNamed(
  deps: DispatchDeps,
  tx: Transaction,
  { session, name }: { readonly session: Session; readonly name: string },
): Promise<PickOutcome> {
  const task = await deps.plans.resolve(tx, name, session.id);
  const why = await whyOf(deps, tx, { task, session });
  const refused = { ...nothingFound, passedOver: 1 };
  const blocking = why.reasons.filter(({ code }) => code !== "affinity" && code !== "skills");
  if (blocking.length > 0) {
    return { pick: null, findings: { ...refused, reasons: blocking.map(({ text }) => text) } };
  }
  const candidate = candidateOf(task, why.score);
  const patterns = scopeOf(deps.paths, task);
  const refusal = await firstRefusal(deps, tx, { session, patterns });
  if (refusal !== null) {
    const inTheWay = [{ task: candidate, refusal }];
    return { pick: null, findings: { ...refused, inTheWay } };
  }
  const reserved = await reserveFor(deps, tx, { session, task: candidate });
  if (reserved.kind === "exceeded") {
    throw new SkeinError(dispatchErrors.budget, {
      message: `The budget of ${reserved.budget.scope} does not allow ${task.plan}/${task.id}: ${shortfallOf(reserved.budget, estimateOf(deps.costs, candidate))}.`,
      facts: { scope: reserved.budget.scope, task: `${task.plan}/${task.id}` },
    });
  }
  const reserve = () => Promise.resolve(reserved);
  return { pick: { task: candidate, patterns, reserve, degraded: null } };
}
