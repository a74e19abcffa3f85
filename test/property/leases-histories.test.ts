import { describe, expect, test } from "vitest";
import type { SessionId } from "../../src/core/base/ids.ts";
import { patternMatches, standingOf } from "../../src/core/leases/index.ts";
import type { Lease, LeaseOutcome } from "../../src/core/leases/index.ts";
import { createDice } from "../support/glob-oracle.ts";
import type { Dice } from "../support/glob-oracle.ts";
import { because, createLeaseStand, leaseMigrations } from "../support/leases.ts";
import type { LeaseStand } from "../support/leases.ts";
import { openMemoryStore } from "../support/stores.ts";
import type { VirtualTime } from "../support/virtual-time.ts";

const histories = Number(process.env["SKEIN_PROOF_HISTORIES"] ?? 200);
const seed = Number(process.env["SKEIN_PROOF_SEED"] ?? 1);
const steps = 60;

/** s1 leads s2 and s3, s2 leads s4; s5 and s6 stand alone. */
const family: Readonly<Record<SessionId, readonly SessionId[]>> = {
  s1: [],
  s2: ["s1"],
  s3: ["s1"],
  s4: ["s2", "s1"],
  s5: [],
  s6: [],
};
const sessions: readonly SessionId[] = ["s1", "s2", "s3", "s4", "s5", "s6"];
const scopes = [
  "a/",
  "a/x.ts",
  "a/*.ts",
  "**/x.ts",
  "b/",
  "b/c/d.ts",
  "b/**",
  "a/x.ts b/c/d.ts",
  "c",
];
const world = ["a/x.ts", "a/y.ts", "a/x.md", "b/x.ts", "b/c/d.ts", "b/c", "c", "d/x.ts"];

interface Run extends LeaseStand {
  readonly dice: Dice;
  readonly time: VirtualTime;
  readonly fences: number[];
}

/** Replay a failure: `SKEIN_PROOF_SEED=<seed> SKEIN_PROOF_HISTORIES=1 npx vitest run test/property/leases-histories`. */
describe("leases under random histories", () => {
  test(`hold every promise after each of ${String(histories)} x ${String(steps)} steps`, async () => {
    let granted = 0;
    for (let history = seed; history < seed + histories; history += 1) {
      const run = await start(history);
      for (let step = 0; step < steps; step += 1) {
        const what = await act(run);
        const place = `seed ${String(history)}, step ${String(step)}: ${what}`;
        expect(await faults(run), place).toEqual([]);
      }
      granted += run.fences.length;
      expect(isRising(run.fences), `fences of seed ${String(history)}`).toBe(true);
    }
    expect(granted).toBeGreaterThan(histories * 5);
  });
});

async function start(history: number): Promise<Run> {
  const { store, time } = await openMemoryStore({ migrations: leaseMigrations });
  const stand = createLeaseStand(store);
  for (const session of sessions) {
    stand.join(session, { ancestors: family[session] ?? [], renewedAtMs: time.nowMs() });
  }
  return { ...stand, dice: createDice(history), time, fences: [] };
}

async function act(run: Run): Promise<string> {
  const { dice, time, holders, join } = run;
  const session = sessions[dice(sessions.length)] ?? "s1";
  switch (dice(12)) {
    case 0: {
      const ms = [1_000, 14_000, 61_000, 600_000, 1_900_000][dice(5)] ?? 0;
      time.advance(ms);
      return `time passes ${String(ms)}`;
    }
    case 1: {
      const isEnded = holders.get(session)?.ended === true;
      join(session, { ended: !isEnded, renewedAtMs: time.nowMs() });
      return `${session} ${isEnded ? "is back" : "ends"}`;
    }
    case 2:
    case 3:
      join(session, { renewedAtMs: time.nowMs(), parked: dice(5) === 0 });
      return `${session} renews`;
    case 4:
      await run.write(async (tx) => {
        await run.leases.release(tx, { kind: "session", session }, ended);
      });
      return `${session} releases all`;
    case 5:
      return move(run, session);
    case 6:
      return recover(run);
    default:
      return request(run, session);
  }
}

const ended = { ...because, reason: "released" };
const task = { ...because, plan: "demo", task: "T1" };

async function request(run: Run, session: SessionId): Promise<string> {
  const { dice, holders, fences } = run;
  const paths = scopes[dice(scopes.length)] ?? "c";
  if (holders.get(session)?.ended === true) {
    return `${session} is gone`;
  }
  const before = await run.write(async (tx) => run.events.head(tx));
  const outcome = await run.ask(session, paths, {
    mode: dice(3) === 0 ? "shared" : "exclusive",
    origin: dice(3) === 0 ? "edit" : "files",
    durationMs: 900_000,
    queue: dice(2) === 0,
    ...(dice(4) === 0 ? { plan: "demo", task: "T1", origin: "claim" } : {}),
  });
  note(outcome, before.seq, fences);
  return `${session} asks ${paths}: ${outcome.kind}`;
}

/** Landing, integration and hand-over. */
async function move(run: Run, session: SessionId): Promise<string> {
  switch (run.dice(3)) {
    case 0:
      await run.write(async (tx) => run.leases.toLanding(tx, task));
      return "T1 is submitted";
    case 1:
      await run.write(async (tx) => run.leases.integrated(tx, { ...task, commit: "c0ffee" }));
      return "T1 is integrated";
    default: {
      const live = await run.write(async (tx) => run.leases.list(tx));
      const lease = live.find(({ origin }) => origin === "files" || origin === "edit");
      if (lease === undefined || lease.session === session) {
        return "nothing to hand over";
      }
      if (run.holders.get(session)?.ended === true) {
        return `${session} is gone`;
      }
      const before = await run.write(async (tx) => run.events.head(tx));
      const outcome = await run.write(async (tx) =>
        run.leases.handOver(tx, { ...because, lease: lease.id, to: session }),
      );
      note(outcome, before.seq, run.fences);
      return `${lease.id} of ${lease.session} goes to ${session}: ${outcome.kind}`;
    }
  }
}

async function recover(run: Run): Promise<string> {
  const over = await run.write(async (tx) => {
    const found = await run.leases.expired(tx);
    const ids = found.map(({ id }) => id);
    await run.leases.release(tx, { kind: "leases", ids }, { ...because, reason: "expired" });
    return ids;
  });
  return `recovery ends ${over.join(" ")}`;
}

/** A grant with a fence that the log did not have before is new; the others renewed a lease. */
function note(outcome: LeaseOutcome, seqBefore: number, fences: number[]): void {
  if (outcome.kind === "granted" && outcome.lease.fence > seqBefore) {
    fences.push(outcome.lease.fence);
  }
}

/** Everything that must hold after each step and does not. */
async function faults({ leases, write, holders }: Run): Promise<readonly string[]> {
  const [live, waiting, checked] = await write(
    async (tx) =>
      [
        await leases.list(tx),
        await leases.waiting(tx),
        await leases.check(tx, { session: null, ancestors: [], paths: world }),
      ] as const,
  );
  const collisions = live.flatMap((one) =>
    live
      .filter((other) => other.id !== one.id && areStrangers(one, other))
      .filter((other) => world.some((path) => holds(one, path) && holds(other, path)))
      .map((other) => `${one.id} of ${one.session} meets ${other.id} of ${other.session}`),
  );
  const unseen = world
    .filter(
      (path) =>
        live.some((lease) => holds(lease, path)) !== (checked.get(path)?.kind === "foreign"),
    )
    .map((path) => `check of ${path} says ${checked.get(path)?.kind ?? "nothing"}`);
  const greedy = waiting
    .filter(({ session }) => holders.get(session)?.ended === false)
    .filter(({ session }) =>
      live.some((lease) => lease.session === session && lease.origin !== "landing"),
    )
    .map(({ session }) => `${session} holds and waits`);
  return [...collisions, ...unseen, ...greedy];
}

function holds(lease: Lease, path: string): boolean {
  return lease.patterns.some((pattern) =>
    patternMatches(pattern, path, { caseInsensitive: false }),
  );
}

/** Two exclusive leases of sessions of which neither works for the other. */
function areStrangers(one: Lease, other: Lease): boolean {
  return (
    (one.mode === "exclusive" || other.mode === "exclusive") &&
    isForeign(one, other) &&
    isForeign(other, one)
  );
}

function isForeign(asker: Lease, { session }: Lease): boolean {
  const ancestors = family[asker.session] ?? [];
  return standingOf({ session: asker.session, ancestors }, session) === "foreign";
}

function isRising(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0));
}
