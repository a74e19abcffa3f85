import { afterEach, describe, expect, test } from "vitest";
import { createDice } from "../support/glob-oracle.ts";
import type { Dice } from "../support/glob-oracle.ts";
import { proofRun, replayLine } from "../support/proof.ts";
import { fieldPlaces, openField } from "./agents.ts";
import type { Agent, Answer, Field } from "./agents.ts";
import { isLinearizable } from "./linearizable.ts";
import type { Call } from "./linearizable.ts";

const runs = [proofRun("R3", 3), proofRun("R3_POSTGRES", 1)];
const clients = 8;
const calls = Number(process.env["SKEIN_PROOF_CALLS"] ?? 50);
/** How much faster than the world's the clients' clocks run, so that nobody calls too often for a minute of theirs. */
const speed = 20;
const paths = ["a", "b", "c", "d", "e"];

/** A client asks for it and is told who has it. */
function take(client: string, from: number, holder: string): Call {
  return { client, from, to: from + 10, op: "take", holder };
}

describe("isLinearizable", () => {
  test("takes an order that the times allow", () => {
    expect(isLinearizable([take("s2", 5, "s1"), take("s1", 0, "s1")])).toBe(true);
    expect(isLinearizable([take("s1", 5, "s1"), take("s2", 0, "s1")])).toBe(true);
  });

  test("refuses two holders, and what only another order of time would allow", () => {
    expect(isLinearizable([take("s1", 0, "s1"), take("s2", 5, "s2")])).toBe(false);
    expect(isLinearizable([take("s1", 20, "s1"), take("s2", 0, "s1")])).toBe(false);
  });

  test("lets a call without an answer have happened, or not", () => {
    const lost: Call = { client: "s1", from: 0, to: Infinity, op: "take", holder: null };

    expect(isLinearizable([lost, take("s2", 20, "s1")])).toBe(true);
    expect(isLinearizable([lost, take("s2", 20, "s2")])).toBe(true);
    expect(isLinearizable([lost, take("s2", 20, "s3")])).toBe(false);
  });
});

let field: Field | null = null;
afterEach(async () => {
  await field?.clear();
});

/** What every client did to each path. */
type Log = Map<string, Call[]>;

async function live(agent: Agent, dice: Dice, log: Log): Promise<void> {
  const first = await agent.ask({ op: "files", path: "mine" });
  const client = String(first?.ok?.["session"]);
  const isDoomed = dice(4) === 0;
  for (let call = 0; call < calls; call += 1) {
    const path = paths[dice(paths.length)] ?? "a";
    const op = (["take", "take", "release", "check"] as const)[dice(4)] ?? "check";
    const askedAt = sharedNow();
    const asked = agent.ask({ op: op === "take" ? "files" : op, path });
    if (isDoomed && call === Math.floor(calls / 2)) {
      agent.signal("SIGKILL");
    }
    const answer = await asked;
    note(log, path, callOf({ client, op, from: askedAt }, answer));
    if (answer === null) {
      noteDeath(log, { client, from: askedAt });
      break;
    }
    expect(answer.text).toBeUndefined();
  }
}

/** Microseconds of the clock that all processes share. */
function sharedNow(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

/** Whoever looks finds it dead, at any time from then on. */
function noteDeath(log: Log, { client, from }: Pick<Call, "client" | "from">): void {
  for (const path of paths) {
    note(log, path, { client, from, to: Infinity, op: "lose", holder: null });
  }
}

function note(log: Log, path: string, call: Call): void {
  log.set(path, [...(log.get(path) ?? []), call]);
}

function callOf(asked: Pick<Call, "client" | "from" | "op">, answer: Answer | null): Call {
  if (answer === null) {
    return { ...asked, to: Infinity, holder: null };
  }
  const said = answer.ok?.["granted"] === true ? asked.client : (answer.ok?.["holder"] ?? null);
  const holder = typeof said === "string" ? said : null;
  return { ...asked, from: answer.from, to: answer.to, holder };
}

describe.each(
  fieldPlaces.map(([store, url], at) => ({ store, url, ...(runs[at] ?? proofRun("R3", 3)) })),
)("R3, in $store:", ({ url, row, count: histories, seed }) => {
  test(
    `${String(histories)} histories of ${String(clients)} processes x ${String(calls)} calls are linearizable`,
    { timeout: 60_000 + histories * calls * 500 },
    async () => {
      for (let history = seed; history < seed + histories; history += 1) {
        field = await openField([], url);
        const replay = replayLine(row, history, "test/chaos/linearizability");
        await liveHistory(field, history, replay);
        await field.clear();
      }
    },
  );
});

async function liveHistory(
  { start, inspect }: Field,
  history: number,
  replay: string,
): Promise<void> {
  const agents = await Promise.all(
    Array.from({ length: clients }, async (_, index) =>
      start(`client-${String(index)}`, { speed }),
    ),
  );
  const log: Log = new Map();
  const dice = createDice(history);
  const own = agents.map(() => createDice(1 + dice(1_000_000)));

  await Promise.all(
    agents.map(async (agent, at) => live(agent, own[at] ?? createDice(history), log)),
  );

  const broken = [...log].filter(([, each]) => !isLinearizable(each)).map(([path]) => path);
  const { violations } = await inspect();
  expect(broken, replay).toEqual([]);
  expect(violations).toEqual([]);
}
