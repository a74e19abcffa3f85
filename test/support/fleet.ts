import { fileURLToPath } from "node:url";
import { createChance } from "../../src/cli/demo/chance.ts";
import type { Chance } from "../../src/cli/demo/chance.ts";
import { startMcpClient } from "../../src/cli/demo/mcp-client.ts";
import type { McpClient } from "../../src/cli/demo/mcp-client.ts";
import { ownObject, ownText, ownValue } from "../../src/core/base/loose-object.ts";
import type { LooseObject } from "../../src/core/base/loose-object.ts";
import type { CoordinatedRepository } from "./coordinated-repository.ts";
import { plainEnv } from "./coordinated-repository.ts";

/** A fleet of clients, each with a `skein mcp` process of its own, on one repository. */
export interface FleetOptions {
  readonly repository: CoordinatedRepository;
  readonly clients: number;
  readonly tasks: number;
  /** How many servers are ended with SIGKILL while their session holds a task; each is replaced. */
  readonly kills: number;
  readonly seed: number;
  /** When the fleet gives up, in milliseconds. */
  readonly limitMs: number;
}

export interface FleetResult {
  /** Tasks whose end was acknowledged to a client, one entry for each acknowledgement. */
  readonly acknowledged: readonly string[];
  readonly killed: number;
  readonly wallMs: number;
}

/** Imports a plan of overlapping, dependent tasks and has the fleet work it off. */
export async function runFleet(options: FleetOptions): Promise<FleetResult> {
  await options.repository.plan(fleetPlan(options));
  const startedAt = performance.now();
  const state: State = {
    options,
    chance: createChance(options.seed, "fleet"),
    acknowledged: [],
    toKill: options.kills,
    deadline: startedAt + options.limitMs,
  };
  const numbers = Array.from({ length: options.clients }, (_, index) => index);
  await Promise.all(numbers.map((number) => workOff(state, `worker-${String(number)}`)));
  return {
    acknowledged: state.acknowledged,
    killed: options.kills - state.toKill,
    wallMs: performance.now() - startedAt,
  };
}

interface State {
  readonly options: FleetOptions;
  readonly chance: Chance;
  readonly acknowledged: string[];
  readonly deadline: number;
  toKill: number;
}

/** One client after the other, until nothing is left. */
async function workOff(state: State, name: string): Promise<void> {
  for (;;) {
    const client = await startMcpClient(serverIn(state.options.repository.root), name);
    let isOver = false;
    try {
      isOver = await serve(state, client, name);
    } finally {
      await (isOver ? client.close() : client.kill());
    }
    if (isOver) {
      return;
    }
  }
}

/** True when all tasks have ended, false when this client is to be killed. */
async function serve(state: State, client: McpClient, name: string): Promise<boolean> {
  let answer = await client.call("next_task", { name, wait_seconds: 0 });
  for (;;) {
    if (performance.now() > state.deadline) {
      const done = `${String(state.acknowledged.length)} of ${String(state.options.tasks)}`;
      throw new Error(`The fleet was too slow: ${done} tasks, ${JSON.stringify(answer)}`);
    }
    const task = ownObject(answer, "task");
    const id = ownText(task, "id");
    if (id === null) {
      if (hasNothingLeft(answer)) {
        return true;
      }
      answer = await client.call("next_task", { name, wait_seconds: 2 });
      continue;
    }
    if (isHit(state)) {
      return false;
    }
    const ended = await client.call("finish_task", {
      task: `${ownText(task, "plan") ?? ""}/${id}`,
      fence: ownValue(answer, "fence"),
      outcome: "submitted",
      summary: `${name} did it`,
      claim_next: true,
      key: `${id}-${String(ownValue(answer, "fence"))}`,
    });
    if (Object.hasOwn(ended, "error")) {
      throw new Error(`${name} could not finish ${id}: ${JSON.stringify(ended)}`);
    }
    state.acknowledged.push(id);
    answer = ownObject(ended, "next_task");
  }
}

/** Spreads the kills over the whole run. */
function isHit(state: State): boolean {
  const { tasks, kills } = state.options;
  const isHitNow = state.toKill > 0 && state.chance.next() < (kills * 2) / tasks;
  state.toKill -= isHitNow ? 1 : 0;
  return isHitNow;
}

/** True when no task is left that anybody may still be given. */
export function hasNothingLeft(answer: LooseObject): boolean {
  const waiting = ownObject(answer, "waiting");
  const open = [
    "ready",
    "on_dependencies",
    "on_pause",
    "on_paths",
    "on_others",
    "on_time",
    "claimed",
    "submitted",
  ];
  return Object.keys(waiting).length > 0 && open.every((name) => ownValue(waiting, name) === 0);
}

function serverIn(cwd: string) {
  const env = Object.fromEntries(
    Object.entries(plainEnv).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  const bin = fileURLToPath(new URL("../../bin/skein.js", import.meta.url));
  return { file: process.execPath, args: [bin, "mcp"], cwd, env };
}

const areas = 40;

/** Each tenth task takes a whole area, each tenth its files of one ending, each fiftieth a glob across areas; a third waits for others. */
export function fleetPlan({ tasks, seed }: Pick<FleetOptions, "tasks" | "seed">): string {
  const chance = createChance(seed, "plan");
  const list = Array.from({ length: tasks }, (_, index) => ({
    id: `T${String(index)}`,
    title: `Task ${String(index)}`,
    files: filesOf(index),
    depends_on:
      index > 0 && chance.next() < 0.33 ? [`T${String(chance.between(0, index - 1))}`] : [],
  }));
  return JSON.stringify({ plan: "fleet", title: "Fleet", verify: "none", tasks: list });
}

function filesOf(index: number): readonly string[] {
  const area = `area-${String(index % areas)}`;
  if (index % 50 === 7) {
    return [`*/notes-${String(index % 3)}.md`, `${area}/x.ts`];
  }
  switch (index % 10) {
    case 0:
      return [`${area}/**`];
    case 1:
      return [`${area}/*.ts`];
    default:
      return [`${area}/f${String(index % 7)}.ts`, `${area}/{a,b}-${String(index % 5)}/**`];
  }
}
