import { afterEach, describe, expect, test } from "vitest";
import { aTask } from "../support/coordination.ts";
import { createDice } from "../support/glob-oracle.ts";
import { proofRun, replayLine } from "../support/proof.ts";
import { fieldPlaces, openField } from "./agents.ts";
import type { Ack, Agent, Field } from "./agents.ts";
import { failpoints } from "./failpoints.ts";

const { count: kills, seed } = proofRun("R7", 12);
const replay = replayLine("R7", seed, "test/chaos/kills");

let field: Field | null = null;
afterEach(async () => {
  await field?.clear();
});

async function fieldOf(tasks: number, url: string | null = null): Promise<Field> {
  field = await openField(
    Array.from({ length: tasks }, (_, index) =>
      aTask(`T${String(index)}`, { files: [`src/${String(index)}/**`] }),
    ),
    url,
  );
  return field;
}

/** What a call leaves in the log when it has come through, once. */
const effects = {
  next: "task.claimed",
  update: "spend.recorded",
  finish: "task.submitted",
} as const;
type Call = keyof typeof effects;

describe.each(fieldPlaces)("R7: an agent killed in the middle of a call, in %s", (_store, url) => {
  const calls: readonly Call[] = ["next", "update", "finish"];
  for (const call of calls) {
    test.each(failpoints)(`${call}, at %s: a second try has the effect once`, async (point) => {
      const { start, inspect } = await fieldOf(2, url);
      const first = await start("ada", { life: "host" });
      const joined = await first.ask({ op: "next", key: "first" });
      const held = joined?.ok?.["claim"] ?? {};
      const handle = joined?.ok?.["handle"];
      if (call === "next") {
        await first.ask({ op: "finish", handle, key: "end", ...held });
      }
      const order = { op: call, handle, key: "again", ...(call === "next" ? {} : held) };
      await first.ask({ op: "arm", point });

      const lost = await first.ask(order);
      await first.ended;
      const second = await start("ada", { life: "host" });
      const again = await second.ask(order);

      const { facts, violations } = await inspect();
      const seen = facts.events.filter(({ kind }) => kind === effects[call]);
      expect(lost).toBeNull();
      expect(again?.text).toBeUndefined();
      expect(seen).toHaveLength(call === "next" ? 2 : 1);
      expect(violations).toEqual([]);
    });
  }
});

test.each(fieldPlaces)(
  `R7: ${String(kills)} kills at random from seed ${String(seed)} in %s lose nothing that was acknowledged, and do no task twice`,
  { timeout: 60_000 + kills * 10_000 },
  async (_store, url) => {
    const tasks = 60 + kills * 20;
    const { start, inspect } = await fieldOf(tasks, url);
    const dice = createDice(seed);
    const agents: Agent[] = [];
    const working = new Set<Promise<unknown>>();
    const send = async (): Promise<void> => {
      const agent = await start(`agent-${String(agents.length)}`);
      agents.push(agent);
      const work = agent.ask({ op: "work" });
      working.add(work);
      void work.finally(() => working.delete(work));
    };
    await Promise.all([send(), send(), send(), send()]);

    for (let kill = 0; kill < kills; kill += 1) {
      await pause(5 + dice(120));
      const alive = agents.slice(-4);
      await alive[dice(alive.length)]?.kill();
      await send();
    }
    await Promise.all(working);
    // Whoever was killed last is found dead by the next that asks.
    const last = await start("last");
    await pause(1_100);
    await last.ask({ op: "recover" });
    await last.ask({ op: "work" });

    const { facts, violations } = await inspect();
    const acks = [...agents, last].flatMap((agent) => agent.acks);
    expect(violations, replay).toEqual([]);
    expect(
      facts.tasks.filter(({ task }) => task.status !== "done"),
      replay,
    ).toEqual([]);
    expect(acks.filter((ack) => !isThere(ack, facts)).map(String), replay).toEqual([]);
    for (const { task, attempts } of facts.tasks) {
      const ends = attempts.filter(({ outcome }) => outcome === "submitted");
      expect(ends, `${task.id}: ${replay}`).toHaveLength(1);
    }
  },
);

type Facts = Awaited<ReturnType<Field["inspect"]>>["facts"];

function isThere({ ack, task, fence }: Ack, { tasks }: Facts): boolean {
  const attempts = tasks.find((one) => one.task.id === task)?.attempts ?? [];
  const attempt = attempts.find((one) => one.fence === fence);
  return ack === "claimed" ? attempt !== undefined : attempt?.outcome === "submitted";
}

/** Real time: the processes run on their own. */
async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
