import { createChance } from "../../../src/cli/demo/chance.ts";
import type { Chance } from "../../../src/cli/demo/chance.ts";
import { ownObject, ownText, ownValue } from "../../../src/core/base/loose-object.ts";
import type { LooseObject } from "../../../src/core/base/loose-object.ts";
import { hasNothingLeft } from "../fleet.ts";
import { insist } from "./clients.ts";
import type { TeamClient } from "./clients.ts";

/** Agents that work through the tasks of a plan, whatever becomes of the servers. */
export interface TeamFleet {
  /** Makes a client for the agent of a number, and again for each that takes the place of one that died. */
  readonly openClient: (number: number, name: string) => Promise<TeamClient>;
  readonly agents: number;
  readonly tasks: number;
  /** How many agents die while they hold a task; each is replaced. */
  readonly deaths: number;
  /** What happens when so many tasks were acknowledged, in rising order. */
  readonly events: readonly FleetEvent[];
  readonly seed: number;
  /** When the fleet gives up, in milliseconds. */
  readonly limitMs: number;
}

export interface FleetEvent {
  readonly afterTasks: number;
  readonly run: () => Promise<void>;
}

export interface TeamWorked {
  /** Tasks whose end was acknowledged, one entry for each acknowledgement. */
  readonly acknowledged: readonly string[];
  /** Tasks that an agent held when it died. */
  readonly orphaned: readonly string[];
  /** How often an agent lost a task to the clock: it was silent for too long. */
  readonly lapsed: readonly string[];
  /** How often each answer said to try again. */
  readonly told: Readonly<Record<string, number>>;
  readonly wallMs: number;
}

export async function workAsTeam(fleet: TeamFleet): Promise<TeamWorked> {
  const startedMs = performance.now();
  const run: Run = {
    fleet,
    chance: createChance(fleet.seed, "team"),
    untilMs: startedMs + fleet.limitMs,
    acknowledged: [],
    orphaned: [],
    lapsed: [],
    told: {},
    happening: [],
    toDie: fleet.deaths,
    keys: 0,
  };
  const numbers = Array.from({ length: fleet.agents }, (_, number) => number);
  await Promise.all(numbers.map(async (number) => workOff(run, number)));
  await Promise.all(run.happening);
  const { acknowledged, orphaned, lapsed, told } = run;
  return { acknowledged, orphaned, lapsed, told, wallMs: performance.now() - startedMs };
}

interface Run {
  readonly fleet: TeamFleet;
  readonly chance: Chance;
  readonly untilMs: number;
  readonly acknowledged: string[];
  readonly orphaned: string[];
  readonly lapsed: string[];
  readonly told: Record<string, number>;
  readonly happening: Promise<void>[];
  toDie: number;
  keys: number;
}

/** One agent after the other, until nothing is left. */
async function workOff(run: Run, number: number): Promise<void> {
  for (let life = 0; ; life += 1) {
    const name = `agent-${String(number)}-${String(life)}`;
    const client = await run.fleet.openClient(number, name);
    const agent: Agent = { run, client, name };
    let isOver = false;
    try {
      isOver = await work(agent);
    } finally {
      await (isOver ? client.close() : client.kill());
    }
    if (isOver) {
      return;
    }
  }
}

interface Agent {
  readonly run: Run;
  readonly client: TeamClient;
  readonly name: string;
}

/**
 * True when all tasks have ended, false when this agent is to die with the task that it holds.
 *
 * @throws when the time is over: a task that failed, as one that was lost too often, keeps those that depend on it for ever.
 */
async function work(agent: Agent): Promise<boolean> {
  const { run, name } = agent;
  let session: string | null = null;
  let answer = await ask(agent, "next_task", { name });
  for (;;) {
    session = ownText(answer, "session") ?? session;
    const task = ownObject(answer, "task");
    const id = ownText(task, "id");
    if (id === null) {
      if (hasNothingLeft(answer)) {
        return true;
      }
      insistOnTime(run, answer);
      // Who waited through a database's absence may be taken for dead, and joins again.
      session = isLapsed(answer) ? null : session;
      answer = await ask(agent, "next_task", { name, session, wait_seconds: 5 });
      continue;
    }
    if (isHit(run)) {
      run.orphaned.push(id);
      return false;
    }
    const ended = await ask(agent, "finish_task", {
      session,
      task: `${ownText(task, "plan") ?? ""}/${id}`,
      fence: ownValue(answer, "fence"),
      outcome: "submitted",
      summary: `${name} did it`,
      claim_next: true,
    });
    if (isLapsed(ended)) {
      run.lapsed.push(id);
      session = null;
      answer = await ask(agent, "next_task", { name });
      continue;
    }
    acknowledge(run, id);
    answer = ownObject(ended, "next_task");
  }
}

function insistOnTime({ untilMs, acknowledged, lapsed, told }: Run, answer: LooseObject): void {
  if (performance.now() > untilMs) {
    const counts = { acknowledged: acknowledged.length, lapsed, told };
    throw new Error(`The fleet's time is over: ${JSON.stringify({ ...counts, answer })}`);
  }
}

/** Asks under a key of its own until it is served. @throws for a refusal that no agent of a team should meet. */
async function ask(
  { run, client, name }: Agent,
  tool: string,
  { session, ...args }: LooseObject,
): Promise<LooseObject> {
  run.keys += 1;
  const key = `${name}-${String(run.keys)}`;
  const told = (code: string): void => {
    run.told[code] = (run.told[code] ?? 0) + 1;
  };
  const named = typeof session === "string" ? { session } : {};
  const insisting = { client, untilMs: run.untilMs, told };
  const answer = await insist(insisting, tool, { ...args, ...named, key });
  if (Object.hasOwn(answer, "error") && !isLapsed(answer)) {
    throw new Error(`${name}, ${tool}: ${JSON.stringify(answer)}`);
  }
  return answer;
}

/** The session was silent for too long, or another has the task since: what happens to an agent whose calls do not come through. */
function isLapsed(answer: LooseObject): boolean {
  const code = ownText(ownObject(answer, "error"), "code") ?? "";
  return ["SKN-3301", "SKN-3302", "SKN-4401", "SKN-4801"].includes(code);
}

function acknowledge({ acknowledged, fleet, happening }: Run, id: string): void {
  acknowledged.push(id);
  const due = fleet.events.filter(({ afterTasks }) => afterTasks === acknowledged.length);
  happening.push(...due.map(async ({ run }) => run()));
}

/** Spreads the deaths over the first half of the run. */
function isHit(run: Run): boolean {
  const { tasks, deaths } = run.fleet;
  const isHitNow = run.toDie > 0 && run.chance.next() < (deaths * 3) / tasks;
  run.toDie -= isHitNow ? 1 : 0;
  return isHitNow;
}
