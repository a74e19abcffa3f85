import { tablesOfPlans } from "../plans/index.ts";
import type { ProcessProbe } from "../sessions/index.ts";
import { recountAfter } from "../store/index.ts";
import type { Transaction } from "../store/index.ts";
import { createBatching } from "./batching.ts";
import type { Batching } from "./batching.ts";
import { createChecking } from "./checking.ts";
import { cancelPlan, cancelTask, importPlan, retryTask } from "./control.ts";
import { createComparing, isUncompared, untilCompared } from "./comparing.ts";
import type { Comparing } from "./comparing.ts";
import type { DispatchDeps } from "./deps.ts";
import type { Dispatch } from "./dispatch.ts";
import { releaseFiles, tryClaimFiles } from "./files.ts";
import { finishTask } from "./finish.ts";
import { findSession, firstOf, identify } from "./identify.ts";
import { withKeptTexts } from "./kept-texts.ts";
import { forceRelease, reassign, releaseTask, revoke } from "./override.ts";
import { createPlaces, isGone } from "./places.ts";
import { createRecovering } from "./recover.ts";
import type { Recovering } from "./recover.ts";
import { createRenewals } from "./renewal.ts";
import type {
  Caller,
  ClaimFilesOutcome,
  ClaimFilesRequest,
  NextTaskOutcome,
  NextTaskRequest,
} from "./request.ts";
import { createRetell } from "./retell.ts";
import type { Retell } from "./retell.ts";
import { updateTask } from "./update.ts";
import { tryUntil } from "./wait.ts";
import type { WaitDeps } from "./wait.ts";
import { createWaitingLine } from "./waiting-line.ts";
import type { WaitingLine } from "./waiting-line.ts";
import { whyOf } from "./why.ts";

/** Makes the hand-out of work over one project's store. `probe` may be null where processes cannot be looked at. */
export function createDispatch(deps: DispatchDeps, probe: ProcessProbe | null): Dispatch {
  const recovering = createRecovering(deps, probe);
  const renewals = createRenewals(deps);
  const waiting = {
    deps,
    recovering,
    comparing: createComparing(deps),
    batching: createBatching(deps, recovering),
    line: createWaitingLine(deps),
    retell: createRetell(deps),
    wait: waitDeps(deps),
  };
  const write = <T>(work: (tx: Transaction) => Promise<T>, caller?: Caller): Promise<T> =>
    recovering.write(work, firstOf(deps, caller));
  return withKeptTexts({
    ...createReads(deps),
    ...createControls(deps),
    identify: (caller) => deps.store.write((tx) => identify(deps.sessions, tx, caller)),
    nextTask: (request) => nextTask(waiting, request),
    updateTask: async (request) => {
      await recovering.recoverSometimes();
      const looked = await renewals.unwritten(request);
      if (looked !== null) {
        return looked;
      }
      const outcome = await write((tx) => updateTask(deps, tx, request), request.caller);
      renewals.note(request.caller, outcome);
      return outcome;
    },
    finishTask: (request) => write((tx) => finishTask(deps, tx, request), request.caller),
    claimFiles: (request) => claimFiles(waiting, request),
    waitFor: (options, attempt) => tryUntil(waiting.wait, options, attempt),
    releaseFiles: (request) => write((tx) => releaseFiles(deps, tx, request), request.caller),
    recover: () => recovering.recover(),
    reassign: (request) => write((tx) => reassign(deps, tx, request)),
    releaseTask: (request) => write((tx) => releaseTask(deps, tx, request)),
    forceRelease: (request) => write((tx) => forceRelease(deps, tx, request)),
    revoke: (request) => write((tx) => revoke(deps, tx, request)),
  });
}

function createReads(deps: DispatchDeps): Pick<Dispatch, "check" | "find" | "why"> {
  const { store, sessions, plans, leases } = deps;
  return {
    find: (caller) => store.read((reader) => findSession(sessions, reader, caller)),
    check: createChecking({ store, leases }),
    why: (name, caller) =>
      store.read(async (reader) => {
        const session = caller === null ? null : await findSession(sessions, reader, caller);
        const task = await plans.resolve(reader, name, session?.id ?? null);
        return whyOf(deps, reader, { task, session });
      }),
  };
}

type Controls = Pick<
  Dispatch,
  | "cancelPlan"
  | "cancelTask"
  | "importPlan"
  | "importPlanIn"
  | "pausePlan"
  | "resumePlan"
  | "retryTask"
>;

function createControls(deps: DispatchDeps): Controls {
  const { store, plans } = deps;
  return {
    importPlanIn: (tx, draft, options) => importPlan(deps, tx, { draft, options }),
    importPlan: async (draft, options) => {
      const result = await store.write((tx) => importPlan(deps, tx, { draft, options }));
      await recountAfter(store, result.created.length, tablesOfPlans);
      return result;
    },
    cancelTask: (name, act) => store.write((tx) => cancelTask(deps, tx, { name, act })),
    cancelPlan: (plan, act) => store.write((tx) => cancelPlan(deps, tx, { plan, act })),
    pausePlan: (plan, act) => store.write((tx) => plans.pausePlan(tx, { plan, ...act })),
    resumePlan: (plan, act) => store.write((tx) => plans.resumePlan(tx, { plan, ...act })),
    retryTask: (name, act) => store.write((tx) => retryTask(deps, tx, { name, act })),
  };
}

interface Waiting {
  readonly deps: DispatchDeps;
  readonly recovering: Recovering;
  readonly comparing: Comparing;
  readonly batching: Batching;
  readonly line: WaitingLine;
  readonly retell: Retell;
  readonly wait: WaitDeps;
}

async function nextTask(
  { deps, recovering, comparing, batching, line, retell, wait }: Waiting,
  request: NextTaskRequest,
): Promise<NextTaskOutcome> {
  let { caller } = request;
  let last: NextTaskOutcome | null = null;
  const outcome = await tryUntil(wait, request, async () => {
    const attempt = (): Promise<NextTaskOutcome> => batching.next({ ...request, caller });
    if (last === null) {
      last = await attempt();
    } else {
      await recovering.recoverSometimes();
      last = (await line.tryAgain({ request, standing: last.standing }, attempt)) ?? last;
    }
    caller = knownCaller(caller, last.standing.handle);
    if (isUncompared(last)) {
      last = await untilCompared(deps, comparing, { request, first: last, attempt });
    }
    const retryAtMs = last.waiting?.retryAtMs ?? null;
    return {
      isFinal: last.claim !== null || last.inbox.length > 0,
      value: last,
      againInMs: retryAtMs === null ? null : Math.max(0, retryAtMs - last.nowMs),
    };
  });
  if (request.waitMs <= 0 || isGone(request.signal) || outcome.claim !== null) {
    return outcome;
  }
  const { ensureAdmitted } = caller;
  await (ensureAdmitted === undefined ? undefined : deps.store.read(ensureAdmitted));
  return retell(request, outcome);
}

async function claimFiles(
  { deps, recovering, wait }: Waiting,
  request: ClaimFilesRequest,
): Promise<ClaimFilesOutcome> {
  let { caller } = request;
  return tryUntil(wait, request, async () => {
    const outcome = await recovering.write(
      (tx) => tryClaimFiles(deps, tx, { ...request, caller }),
      firstOf(deps, caller),
    );
    caller = knownCaller(caller, outcome.standing.handle);
    // Whoever has no place in the queue holds paths, and does not wait for more.
    const isFinal = outcome.granted || outcome.ahead === null;
    return { isFinal, value: outcome, againInMs: null };
  });
}

/** Later tries of one call come from the session that the first one made. */
function knownCaller(caller: Caller, handle: string): Caller {
  return caller.handle === null && handle !== "" ? { ...caller, handle } : caller;
}

/** Those who wait for tasks and for paths have the same places. */
function waitDeps({ timer, events }: DispatchDeps): WaitDeps {
  return { timer, watch: (onChange) => events.watch(onChange), places: createPlaces(timer) };
}
