import { SkeinError } from "../../../src/core/index.ts";
import { retryRule } from "../../../src/core/dispatch/index.ts";
import type {
  Caller,
  FinishTaskRequest,
  NextTaskOutcome,
  Standing,
} from "../../../src/core/dispatch/index.ts";
import type { FailureCause } from "../../../src/core/plans/index.ts";
import { aCaller, aProcess, finish, next } from "../coordination.ts";
import type { CoordinationStand } from "../coordination.ts";
import type { Dice } from "../glob-oracle.ts";
import * as model from "./model.ts";
import type { Model, ModelAgent, ModelTask } from "./model.ts";

/** A history under way: the real thing, the model, and the dice that choose. */
export interface Run {
  readonly model: Model;
  readonly stand: CoordinationStand;
  readonly dice: Dice;
}

/** One act on both; throws where they differ, and tells what it did. */
export type Command = (run: Run) => Promise<string>;

const person = "person:ana";
const because = { actor: person, reason: "history" } as const;
const commit = "c".repeat(40);

function fault(text: string): never {
  throw new Error(text);
}

function pick<T>(dice: Dice, items: readonly T[]): T {
  return items[dice(items.length)] ?? fault("nothing to pick from");
}

function callerOf({ name, process }: ModelAgent): Caller {
  return aCaller(`${name}${String(process)}`, { name, process: aProcess(process) });
}

const anyAgent = ({ model: { agents }, dice }: Run): ModelAgent => pick(dice, [...agents.values()]);
const anyTask = ({ model: { tasks }, dice }: Run): ModelTask => pick(dice, [...tasks.values()]);

/** What Skein says no to is null; a fault of Skein itself is none of its answers. */
async function unlessRefused<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof SkeinError && error.kind !== "failed") {
      return null;
    }
    throw error;
  }
}

/** A call came through: its session is there and renewed. */
function noteCall(run: Run, agent: ModelAgent, { session }: Standing): void {
  const { sessions, nowMs } = run.model;
  const known = sessions.get(session.id);
  if (agent.session !== session.id || known === undefined) {
    agent.session = session.id;
    sessions.set(session.id, {
      id: session.id,
      agent: agent.name,
      process: agent.process,
      renewedAtMs: nowMs,
    });
  } else {
    known.renewedAtMs = nowMs;
  }
}

/** What an agent's session would hold now; null for one whose session is over. */
function sessionOf({ model: { sessions } }: Run, agent: ModelAgent): string | null {
  const { session } = agent;
  return session !== null && sessions.get(session)?.process === agent.process ? session : null;
}

function checkNext(run: Run, outcome: NextTaskOutcome, named: string | null): string {
  const session = outcome.standing.session.id;
  const { claim } = outcome;
  const held = model.heldBy(run.model, session);
  if (held !== null) {
    return claim?.task.id === held.id && claim.fence === held.fence && claim.isHeld
      ? `has ${held.id} still`
      : fault(`holds ${held.id} and was given ${claim?.task.id ?? "nothing"}`);
  }
  const all = model.eligible(run.model, session);
  const fitting = named === null ? all : all.filter(({ id }) => id === named);
  if (claim === null) {
    const wrong = fitting.find(({ avoid }) => named !== null || avoid !== session);
    return wrong === undefined ? "gets nothing" : fault(`was not given ${wrong.id}, which is free`);
  }
  const given = fitting.find(({ id }) => id === claim.task.id);
  if (given === undefined) {
    return fault(`was given ${claim.task.id}, which is not to be had`);
  }
  model.give(run.model, given, { session, fence: claim.fence });
  return `gets ${given.id} under ${String(claim.fence)}`;
}

function nextTask(isNamed: boolean): Command {
  return async (run) => {
    const agent = anyAgent(run);
    const task = isNamed ? anyTask(run).id : null;
    const key = aKey(run);
    const ask = next(callerOf(agent), { task, key });
    model.recoverSometimes(run.model);
    const outcome = await unlessRefused(run.stand.dispatch.nextTask(ask));
    if (outcome === null) {
      const isFree = model.eligible(run.model, sessionOf(run, agent)).some(({ id }) => id === task);
      return isFree ? fault(`${task ?? ""} was refused`) : `${agent.name} is refused ${task ?? ""}`;
    }
    noteCall(run, agent, outcome.standing);
    const what = `${agent.name} asks for ${task ?? "work"}: ${checkNext(run, outcome, task)}`;
    if (key !== null && outcome.claim !== null) {
      await checkRepetition(run, () => run.stand.dispatch.nextTask(ask));
    }
    return what;
  };
}

/** A key that was not used before, or none. */
function aKey({ dice, model: state }: Run): string | null {
  state.keys += 1;
  return dice(3) === 0 ? `key-${String(state.keys)}` : null;
}

/** The same call with the same key changes nothing. */
async function checkRepetition(run: Run, call: () => Promise<unknown>): Promise<void> {
  const head = (): Promise<number> =>
    run.stand.store.read(async (reader) => (await run.stand.events.head(reader)).seq);
  const before = await head();
  await call();
  if ((await head()) !== before) {
    fault("a repeated call with one key had a second effect");
  }
}

const usageOf = (microUsd: number): FinishTaskRequest["usage"] =>
  microUsd === 0
    ? []
    : [
        {
          model: null,
          inputTokens: 1,
          outputTokens: 1,
          cacheReadTokens: 0,
          cacheWriteTokens: 0,
          microUsd,
        },
      ];

const amounts = [0, 0, 90_000, 900_000];

/** The claim that an agent names: mostly its own, else one of long ago or of another. */
function namedClaim(run: Run, agent: ModelAgent): { task: string; fence: number } {
  const held = model.heldBy(run.model, sessionOf(run, agent));
  if (held !== null && run.dice(6) > 0) {
    return { task: held.id, fence: held.fence ?? 0 };
  }
  const { grants } = run.model;
  return grants.length > 0 && run.dice(3) > 0
    ? pick(run.dice, grants)
    : { task: anyTask(run).id, fence: run.dice(60) };
}

/** Expects that a write counts just when it comes under the current claim, and tells the task then. */
function accepted(
  run: Run,
  write: {
    readonly agent: ModelAgent;
    readonly claim: { readonly task: string; readonly fence: number };
    readonly standing: Standing | null;
  },
): ModelTask | null {
  const { agent, claim, standing } = write;
  const held = model.heldBy(run.model, sessionOf(run, agent));
  const isCurrent = held !== null && held.id === claim.task && held.fence === claim.fence;
  if (isCurrent !== (standing !== null)) {
    const name = `${claim.task} under fence ${String(claim.fence)}`;
    return fault(`${agent.name}'s write to ${name} was ${isCurrent ? "refused" : "accepted"}`);
  }
  if (standing !== null) {
    noteCall(run, agent, standing);
  }
  return isCurrent ? held : null;
}

function finishTask(outcome: FinishTaskRequest["outcome"], cause: FailureCause | null): Command {
  return async (run) => {
    const agent = anyAgent(run);
    const amount = pick(run.dice, amounts);
    model.recoverSometimes(run.model);
    const { task: id, fence } = namedClaim(run, agent);
    const claim = { task: id, fence };
    const key = aKey(run);
    const odd = { outcome, cause, commit, usage: usageOf(amount), key };
    const request = finish(callerOf(agent), claim, { ...odd, claimNext: run.dice(4) === 0 });
    const done = await unlessRefused(run.stand.dispatch.finishTask(request));
    const task = accepted(run, { agent, claim, standing: done?.standing ?? null });
    const what = `${agent.name} finishes ${id} under ${String(fence)} as ${cause ?? outcome}`;
    if (task === null || done === null) {
      return `${what}: refused`;
    }
    model.spend(run.model, task, amount);
    endBy(run.model, task, { outcome, cause });
    if (key !== null && done.next === null) {
      await checkRepetition(run, () => run.stand.dispatch.finishTask(request));
    }
    return done.next === null ? what : `${what}, ${checkNext(run, done.next, null)}`;
  };
}

function endBy(
  state: Model,
  task: ModelTask,
  { outcome, cause }: Pick<FinishTaskRequest, "outcome" | "cause">,
): void {
  if (outcome === "submitted") {
    model.submit(state, task);
  } else if (outcome === "released") {
    model.putBack(state, task, task.session);
  } else {
    model.fail(state, task, cause ?? "agent_error");
  }
}

const updateTask: Command = async (run) => {
  const agent = anyAgent(run);
  const amount = pick(run.dice, amounts);
  model.recoverSometimes(run.model);
  const claim = namedClaim(run, agent);
  const path = run.dice(2) === 0 ? pick(run.dice, Object.keys(model.world)) : null;
  const done = await unlessRefused(
    run.stand.dispatch.updateTask({
      caller: callerOf(agent),
      task: claim.task,
      fence: claim.fence,
      note: "on it",
      percent: run.dice(100),
      addPaths: path === null ? [] : [path],
      usage: usageOf(amount),
      key: null,
    }),
  );
  const task = accepted(run, { agent, claim, standing: done?.standing ?? null });
  const what = `${agent.name} updates ${claim.task} with ${path ?? "nothing"}`;
  if (task === null || done === null) {
    return `${what}: refused`;
  }
  model.spend(run.model, task, amount);
  if (path !== null) {
    const session = done.standing.session.id;
    const paths = model.pathsOf([path]);
    const isFree = model.isFree(run.model, session, { paths, mode: "exclusive" });
    if (isFree !== (done.refused.length === 0)) {
      fault(`${path} ${isFree ? "is free and was refused" : "is taken and was added"}`);
    }
    if (isFree) {
      const lease = { session, task: task.id, paths, mode: "exclusive", kind: "claim" } as const;
      model.take(run.model, lease);
    }
  }
  return what;
};

const claimFiles: Command = async (run) => {
  const agent = anyAgent(run);
  const origin = run.dice(3) === 0 ? "edit" : "files";
  const mode = run.dice(3) === 0 ? "shared" : "exclusive";
  const path = pick(run.dice, origin === "edit" ? ["src/a.ts", "c"] : Object.keys(model.world));
  const durationMs = pick(run.dice, [120_000, 3_600_000]);
  model.recoverSometimes(run.model);
  const { granted, standing } = await run.stand.dispatch.claimFiles({
    caller: callerOf(agent),
    paths: [path],
    mode,
    durationMs,
    reason: "history",
    waitMs: 0,
    origin,
    key: null,
    signal: null,
  });
  noteCall(run, agent, standing);
  const session = standing.session.id;
  const paths = model.pathsOf([path]);
  if (model.isFree(run.model, session, { paths, mode }) !== granted) {
    fault(`${agent.name} asked for ${path} (${mode}) and was ${granted ? "given" : "refused"} it`);
  }
  if (granted) {
    const same = `${session} ${path} ${mode} ${origin}`;
    const before = run.model.leases.find((lease) => lease.same === same)?.durationMs ?? 0;
    const lease = { session, task: null, paths, mode, kind: origin, same } as const;
    model.dropLeases(run.model, (each) => each.same === same);
    model.take(run.model, lease, Math.max(before, durationMs));
  }
  return `${agent.name} asks for ${path} (${mode}, ${origin}): ${String(granted)}`;
};

const releaseFiles: Command = async (run) => {
  const agent = anyAgent(run);
  model.recoverSometimes(run.model);
  const caller = callerOf(agent);
  const { standing } = await run.stand.dispatch.releaseFiles({ caller, leases: [], key: null });
  noteCall(run, agent, standing);
  model.dropLeases(
    run.model,
    ({ session, kind }) => session === agent.session && (kind === "files" || kind === "edit"),
  );
  return `${agent.name} releases its files`;
};

const land: Command = async (run) => {
  const { stand } = run;
  const task = anyTask(run);
  const key = { plan: "demo", id: task.id };
  const landed = { plan: "demo", task: task.id, commit, actor: person, cause: null } as const;
  const done = await unlessRefused(
    stand.store.write(async (tx) => {
      await stand.plans.integrated(tx, { task: key, commit, actor: person });
      await stand.leases.integrated(tx, landed);
      return stand.plans.done(tx, { task: key, actor: person });
    }),
  );
  if ((done !== null) !== (task.status === "submitted")) {
    fault(`${task.id} is ${task.status} and ${done === null ? "could not land" : "landed"}`);
  }
  if (done !== null) {
    model.dropLeases(run.model, (lease) => lease.task === task.id);
    task.status = "done";
  }
  return `${task.id} lands: ${String(done !== null)}`;
};

const sendBack: Command = async (run) => {
  const { stand } = run;
  const task = anyTask(run);
  const key = { plan: "demo", id: task.id };
  const failure = "git_conflict";
  const done = await unlessRefused(
    stand.store.write(async (tx) => {
      const rule = await retryRule(stand.costs, tx, { plan: key.plan, summary: "conflict" });
      await stand.plans.reject(tx, { task: key, failure, ...rule, actor: person });
      const target = { kind: "task", plan: "demo", task: task.id } as const;
      await stand.leases.release(tx, target, { actor: person, cause: null, reason: "failed" });
      return true;
    }),
  );
  if ((done !== null) !== (task.status === "submitted")) {
    fault(`${task.id} is ${task.status} and was ${done === null ? "not " : ""}sent back`);
  }
  if (done !== null) {
    model.fail(run.model, task, failure);
  }
  return `${task.id} is sent back: ${String(done !== null)}`;
};

const takeBack: Command = async (run) => {
  const task = anyTask(run);
  model.recoverSometimes(run.model);
  const act = { target: task.id, by: null, person: "ana", reason: "history" };
  const done = await unlessRefused(run.stand.dispatch.releaseTask(act));
  if ((done !== null) !== (task.status === "claimed")) {
    fault(`${task.id} is ${task.status} and was ${done === null ? "not " : ""}taken back`);
  }
  if (done !== null) {
    model.putBack(run.model, task, task.session);
  }
  return `a person takes ${task.id} back: ${String(done !== null)}`;
};

const revoke: Command = async (run) => {
  const target = anyAgent(run).session ?? "s999";
  model.recoverSometimes(run.model);
  const act = { target, by: null, person: "ana", reason: "history" };
  const done = await unlessRefused(run.stand.dispatch.revoke(act));
  if ((done !== null) !== run.model.sessions.has(target)) {
    fault(`${target} was ${done === null ? "not " : ""}ended`);
  }
  model.endSession(run.model, target, "session_lost");
  return `a person ends ${target}: ${String(done !== null)}`;
};

const retryTask: Command = async (run) => {
  const task = anyTask(run);
  const done = await unlessRefused(run.stand.dispatch.retryTask(task.id, because));
  if ((done !== null) !== (task.status === "failed")) {
    fault(`${task.id} is ${task.status} and was ${done === null ? "not " : ""}retried`);
  }
  if (done !== null) {
    Object.assign(task, { status: "pending", avoid: null, notAtMs: null });
    task.failures.clear();
  }
  return `a person retries ${task.id}: ${String(done !== null)}`;
};

const switchPlan: Command = async ({ stand, model: state }) => {
  const isPaused = !state.isPaused;
  await (isPaused
    ? stand.dispatch.pausePlan("demo", because)
    : stand.dispatch.resumePlan("demo", because));
  model.pause(state, isPaused);
  return isPaused ? "the plan is paused" : "the plan is resumed";
};

const kill: Command = (run) => {
  const agent = anyAgent(run);
  run.stand.deadProcesses.add(agent.process);
  agent.process += 10;
  return Promise.resolve(`${agent.name} is killed`);
};

const passTime: Command = async ({ stand, model: state, dice }) => {
  const ms = pick(dice, [20_000, 20_000, 300_000, 1_860_000]);
  stand.time.advance(ms);
  state.nowMs += ms;
  if (dice(2) === 0) {
    await stand.dispatch.recover();
    model.recover(state);
  }
  return `${String(ms)} ms pass`;
};

/** What a history is made of; what stands twice comes twice as often. */
export const commands: readonly Command[] = [
  nextTask(false),
  nextTask(false),
  nextTask(false),
  nextTask(true),
  finishTask("submitted", null),
  finishTask("submitted", null),
  finishTask("failed", "validation_failed"),
  finishTask("failed", "file_locked"),
  finishTask("released", null),
  updateTask,
  updateTask,
  claimFiles,
  claimFiles,
  releaseFiles,
  land,
  land,
  sendBack,
  takeBack,
  revoke,
  retryTask,
  kill,
  passTime,
  passTime,
  passTime,
  (run) => (run.model.isPaused || run.dice(5) === 0 ? switchPlan(run) : passTime(run)),
];
