import { checkInvariants, readStateFacts } from "../../../src/core/upkeep/index.ts";
import type { StateFacts } from "../../../src/core/upkeep/state-facts.ts";
import { aPlan, aTask, createStand } from "../coordination.ts";
import type { CoordinationStand } from "../coordination.ts";
import { createDice } from "../glob-oracle.ts";
import type { Dice } from "../glob-oracle.ts";
import { openMemoryStore } from "../stores.ts";
import type { OpenTestStore } from "../stores.ts";
import { commands } from "./commands.ts";
import type { Run } from "./commands.ts";
import * as model from "./model.ts";
import type { Model, ModelTask } from "./model.ts";

/** How a history is lived through. */
export interface HistoryOptions {
  readonly seed: number;
  /** Default 100. */
  readonly steps?: number | undefined;
  /** Default a store in memory. */
  readonly open?: OpenTestStore | undefined;
  /** How many processes take part, each with a clock and a connection of its own. Default 1. */
  readonly processes?: number | undefined;
  /** Is called before each step, to turn clocks. */
  readonly disturb?: ((stands: readonly CoordinationStand[], dice: Dice) => void) | undefined;
}

const policy = { caseInsensitive: false };

/**
 * Lives through a random history, and compares the real thing with the model and checks every invariant after each step.
 * @throws {Error} that names the seed, the step and all that was done, where they differ.
 */
export async function liveHistory(options: HistoryOptions): Promise<void> {
  const { seed, steps = 100, open = openMemoryStore, processes = 1 } = options;
  const dice = createDice(seed);
  const stands: CoordinationStand[] = [];
  for (let index = 0; index < processes; index += 1) {
    stands.push(await createStand(open, 1 + index));
  }
  const [first] = stands;
  if (first === undefined) {
    throw new Error("A history needs a process.");
  }
  const state = await prepare(first, dice);
  const lookedAt = new Map<CoordinationStand, number>();
  const done: string[] = [];
  try {
    for (let step = 0; step < steps; step += 1) {
      options.disturb?.(stands, dice);
      const stand = stands[dice(stands.length)] ?? first;
      const command = commands[dice(commands.length)] ?? commands[0];
      // Each process looks for what is over by itself.
      state.lookedAtMs = lookedAt.get(stand) ?? Number.NEGATIVE_INFINITY;
      done.push((await command?.({ stand, model: state, dice })) ?? "");
      lookedAt.set(stand, state.lookedAtMs);
      shareDeaths(stands, stand);
      await compare({ stand, model: state, dice });
    }
  } catch (error) {
    const story = done.map((what, index) => `${String(index).padStart(4)} ${what}`).join("\n");
    const where = `seed ${String(seed)}, step ${String(done.length)}`;
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`${where}: ${text}\n${story}`, { cause: error });
  } finally {
    await Promise.all(stands.map(async ({ store }) => store.close()));
  }
}

async function prepare(stand: CoordinationStand, dice: Dice): Promise<Model> {
  const patterns = Object.keys(model.world);
  const verify = dice(2) === 0 ? "none" : "merge";
  const budget = dice(2) === 0 ? 2_500_000 : null;
  const drafts = Array.from({ length: 8 }, (_, index) =>
    aTask(`T${String(index)}`, {
      files: [...new Set(Array.from({ length: dice(3) }, () => patterns[dice(8)] ?? "c"))],
      dependsOn: index > 1 && dice(3) === 0 ? [`T${String(dice(index - 1))}`] : [],
      budgetMicroUsd: dice(4) === 0 ? 1_000_000 : null,
    }),
  );
  await stand.dispatch.importPlan(aPlan(drafts, { verify, budgetMicroUsd: budget }), {
    actor: "person:ana",
  });
  const tasks = drafts.map((draft): ModelTask => {
    const { id, dependsOn, files, budgetMicroUsd } = draft;
    return {
      id,
      dependsOn,
      scope: model.pathsOf(files),
      estimate: Math.min(600_000, budgetMicroUsd ?? 600_000),
      status: "pending",
      session: null,
      fence: null,
      attempts: 0,
      avoid: null,
      notAtMs: null,
      reserved: 0,
      failures: new Map(),
    };
  });
  const limits = [
    ["plan:demo", budget] as const,
    ...drafts.map(({ id, budgetMicroUsd }) => [`task:demo/${id}`, budgetMicroUsd] as const),
  ];
  return {
    nowMs: 0,
    lookedAtMs: Number.NEGATIVE_INFINITY,
    verify,
    isPaused: false,
    keys: 0,
    ended: 0,
    failed: 0,
    retrySpent: 0,
    tasks: new Map(tasks.map((task) => [task.id, task])),
    sessions: new Map(),
    agents: new Map(
      ["ada", "bob", "cleo"].map((name, at) => [name, { name, process: at + 2, session: null }]),
    ),
    leases: [],
    budgets: new Map(
      limits.flatMap(([scope, limit]) =>
        limit === null ? [] : [[scope, { limit, spent: 0, reserved: 0 }] as const],
      ),
    ),
    grants: [],
  };
}

/** Whoever looks sees the same processes. */
function shareDeaths(
  stands: readonly CoordinationStand[],
  { deadProcesses }: CoordinationStand,
): void {
  for (const each of stands) {
    for (const process of deadProcesses) {
      each.deadProcesses.add(process);
    }
  }
}

/** Compares what is stored with the model, and checks the invariants. */
async function compare({ stand, model: state }: Run): Promise<void> {
  const facts = await stand.store.read((reader) => readStateFacts({ ...stand, policy }, reader));
  const [violation] = checkInvariants(facts);
  if (violation !== undefined) {
    throw new Error(`invariant ${String(violation.invariant)}: ${violation.text}`);
  }
  const wanted = [...modelView(state)].toSorted();
  const found = [...realView(facts)].toSorted();
  const missing = wanted.filter((line) => !found.includes(line));
  const odd = found.filter((line) => !wanted.includes(line));
  if (missing.length + odd.length > 0) {
    throw new Error(`the model says [${missing.join("; ")}], the store says [${odd.join("; ")}]`);
  }
}

function modelView(state: Model): ReadonlySet<string> {
  return new Set([
    ...[...state.tasks.values()].map((task) => {
      const status = model.statusOf(state, task);
      return status === "claimed"
        ? `${task.id} claimed by ${task.session ?? ""} under ${String(task.fence)}`
        : `${task.id} ${status}`;
    }),
    ...[...state.sessions.keys()].map((id) => `${id} lives`),
    ...model
      .liveLeases(state)
      .flatMap((lease) => lease.paths.map((path) => leaseLine({ ...lease, path }))),
    ...[...state.budgets].map(
      ([scope, { spent, reserved }]) => `${scope} ${String(spent)} + ${String(reserved)}`,
    ),
    `paused ${String(state.isPaused)}`,
  ]);
}

function realView(facts: StateFacts): ReadonlySet<string> {
  return new Set([
    ...facts.tasks.map(({ task }) =>
      task.status === "claimed"
        ? `${task.id} claimed by ${task.session ?? ""} under ${String(task.fence)}`
        : `${task.id} ${task.status}`,
    ),
    ...facts.sessions.filter((each) => each.endedAtMs === null).map(({ id }) => `${id} lives`),
    ...facts.leases
      .filter((lease) => lease.releasedAtMs === null)
      .filter((lease) => lease.untilMs === null || lease.untilMs > facts.nowMs)
      .flatMap((lease) =>
        model
          .pathsOf(lease.patterns.map(({ kind, text }) => (kind === "dir" ? `${text}/` : text)))
          .map((path) =>
            leaseLine({ session: lease.session, mode: lease.mode, kind: lease.origin, path }),
          ),
      ),
    ...facts.budgets.map(
      ({ scope, spentMicroUsd, reservedMicroUsd }) =>
        `${scope} ${String(spentMicroUsd)} + ${String(reservedMicroUsd)}`,
    ),
    `paused ${String(facts.plans.some(({ status }) => status === "paused"))}`,
  ]);
}

function leaseLine(lease: {
  readonly session: string;
  readonly path: string;
  readonly mode: string;
  readonly kind: string;
}): string {
  return `${lease.session} holds ${lease.path} ${lease.mode} (${lease.kind})`;
}
