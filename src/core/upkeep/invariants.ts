import { isLive, modesConflict, patternText, patternsIntersect } from "../leases/index.ts";
import type { Lease } from "../leases/index.ts";
import { silentAtMs } from "../sessions/index.ts";
import type { Session } from "../sessions/index.ts";
import { checkHistory } from "./history.ts";
import { checkMoney } from "./money.ts";
import type { TaskWithAttempts } from "./snapshot.ts";
import type { StateFacts } from "./state-facts.ts";
import { checkTally } from "./tally.ts";
import type { Violation } from "./upkeep.ts";
import { checkWaits } from "./waits.ts";

/** How long after its expiry a claim may still stand, as long as anybody acts at all. */
const graceMs = 60_000;

/**
 * Checks the twelve invariants of `docs/invariants.md` on the state of one moment and the log that led to it. Empty when all hold.
 *
 * The fourth (writes under the current fence), the fifth and the seventh are told from the log, the others from the stored state.
 */
export function checkInvariants(facts: StateFacts): readonly Violation[] {
  return [
    ...facts.tasks.flatMap((task) => checkHolder(task, facts)),
    ...checkPaths(facts),
    ...checkFences(facts),
    ...checkMoney(facts),
    ...checkLog(facts),
    ...checkRenewal(facts),
    ...checkHistory(facts),
    ...checkWaits(facts),
    ...checkTally(facts),
  ];
}

/** 1: a claimed task has one open attempt, which is its holder's; any other task has none. */
function checkHolder({ task, attempts }: TaskWithAttempts, facts: StateFacts): Violation[] {
  const name = `${task.plan}/${task.id}`;
  const open = attempts.filter(({ endedAtMs }) => endedAtMs === null);
  const fault = (text: string): Violation[] => [
    {
      invariant: 1,
      text: `${name} ${text}`,
      facts: { task: name, holders: open.map(({ session }) => session) },
    },
  ];
  if (open.length > 1) {
    return fault(`has ${String(open.length)} live holders.`);
  }
  const [attempt] = open;
  if (task.status !== "claimed") {
    return attempt === undefined ? [] : fault(`is ${task.status} and has a live holder.`);
  }
  if (attempt === undefined) {
    return fault("is claimed and has no attempt in work.");
  }
  if (attempt.session !== task.session || attempt.fence !== task.fence) {
    return fault("is held by another session than its attempt says.");
  }
  const holder = facts.sessions.find(({ id }) => id === task.session);
  return holder === undefined || holder.endedAtMs !== null
    ? fault(`is held by ${task.session}, which has ended.`)
    : [];
}

/** 2: live leases of different sessions do not share a path, unless both are shared or one session works for the other. */
function checkPaths({ leases, sessions, policy, nowMs }: StateFacts): Violation[] {
  const byId = new Map(sessions.map((session) => [session.id, session]));
  const live = leases.filter((lease) => isLive(lease, nowMs));
  return live.flatMap((one, index) =>
    live
      .slice(index + 1)
      .filter((other) => areRivals(one, other, byId))
      .filter((other) => doMeet(one, other, policy))
      .map((other) => ({
        invariant: 2,
        text: `${one.id} of ${one.session} and ${other.id} of ${other.session} hold the same path.`,
        facts: {
          leases: [one.id, other.id],
          patterns: [one, other].map(({ patterns }) => patterns.map(patternText)),
        },
      })),
  );
}

function areRivals(one: Lease, other: Lease, sessions: ReadonlyMap<string, Session>): boolean {
  if (one.session === other.session || !modesConflict(one.mode, other.mode)) {
    return false;
  }
  const isBelow = (low: Lease, high: Lease): boolean =>
    sessions.get(low.session)?.ancestors.includes(high.session) === true;
  return !isBelow(one, other) && !isBelow(other, one);
}

function doMeet(one: Lease, other: Lease, policy: StateFacts["policy"]): boolean {
  return one.patterns.some((left) =>
    other.patterns.some((right) => patternsIntersect(left, right, policy)),
  );
}

/** 3: each fence is the number of an event, attempts at a task have rising ones, and no two grants share one. */
function checkFences({ tasks, leases, log }: StateFacts): Violation[] {
  const faults: Violation[] = [];
  const claims = new Map<number, string>();
  for (const { task, attempts } of tasks) {
    const name = `${task.plan}/${task.id}`;
    let last = 0;
    for (const { fence } of attempts) {
      if (fence <= last || claims.has(fence)) {
        const other = claims.get(fence) ?? name;
        const text = `${name} was claimed under fence ${String(fence)}, which is not new (${other}).`;
        faults.push({ invariant: 3, text, facts: { task: name, fence } });
      }
      last = fence;
      claims.set(fence, name);
    }
  }
  const fences = [...claims.keys(), ...leases.map(({ fence }) => fence)];
  for (const fence of fences.filter((number) => number < 1 || number > log.head.seq)) {
    const text = `Fence ${String(fence)} is the number of no event.`;
    faults.push({ invariant: 3, text, facts: { fence } });
  }
  return faults;
}

/** 8 and 9: numbers without a gap, hashes that follow. */
export function checkLog({ log }: Pick<StateFacts, "log">): Violation[] {
  return log.faults.map(({ seq, fault, detail }) => ({
    invariant: fault === "gap" || fault === "head" ? 8 : 9,
    text: `Event ${String(seq)}: ${detail}.`,
    facts: { seq, fault },
  }));
}

/** What a session or a person does only after looking for what is over: acts of others alone bring nothing back. */
const recoveringActs: ReadonlySet<string> = new Set([
  "lease.granted",
  "task.claimed",
  "task.progressed",
  "task.released",
  "task.submitted",
]);

/**
 * 10: nobody asked for work or did any while a claim had been over for longer than the grace. Recovery is done by whoever does so: on a
 * store that nobody touches, or only to write a message, an old claim may stand.
 */
function checkRenewal({ tasks, sessions, events }: StateFacts): Violation[] {
  const lastActMs = events.findLast(({ kind }) => recoveringActs.has(kind))?.atMs ?? 0;
  const byId = new Map(sessions.map((session) => [session.id, session]));
  return tasks.flatMap(({ task }) => {
    const holder =
      task.status === "claimed" && task.session !== null ? byId.get(task.session) : undefined;
    const silentMs = holder === undefined ? null : silentAtMs(holder);
    if (holder === undefined || silentMs === null || silentMs + graceMs >= lastActMs) {
      return [];
    }
    const name = `${task.plan}/${task.id}`;
    const text = `${name} is still claimed by ${holder.id}, which was last heard of too long ago.`;
    return [
      { invariant: 10, text, facts: { task: name, session: holder.id, silent_at: silentMs } },
    ];
  });
}
