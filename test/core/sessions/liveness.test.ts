import { describe, expect, test } from "vitest";

import { decideExpiry, deriveState } from "../../../src/core/sessions/index.ts";
import type { LivenessFacts, Session } from "../../../src/core/sessions/index.ts";
import { aStamp } from "../../support/nouns.ts";

function aSession(odd: Partial<Session> = {}): Session {
  return {
    id: "s1",
    name: "grace",
    role: "worker",
    tier: "worker",
    depth: 0,
    parent: null,
    ancestors: [],
    skills: [],
    client: null,
    externalId: null,
    process: aStamp(),
    gitDir: null,
    branch: null,
    joinedAtMs: 0,
    renewedAtMs: 0,
    callUntilMs: null,
    isParked: false,
    endedAtMs: null,
    endReason: null,
    principal: null,
    ...odd,
  };
}

function at(nowMs: number, odd: Partial<LivenessFacts> = {}): LivenessFacts {
  return { nowMs, self: aStamp({ pid: 1 }), isAlive: true, ...odd };
}

const minute = 60_000;

describe("decideExpiry", () => {
  test("ends a session at the very millisecond that 30 minutes of silence are over", () => {
    expect(decideExpiry(aSession(), at(30 * minute - 1))).toBeNull();
    expect(decideExpiry(aSession(), at(30 * minute))).toBe("silence");
  });

  test("counts the 30 minutes from the last renewal", () => {
    const session = aSession({ renewedAtMs: 5 * minute });

    expect(decideExpiry(session, at(35 * minute - 1))).toBeNull();
    expect(decideExpiry(session, at(35 * minute))).toBe("silence");
  });

  test("waits for the end of a tool call, at most two hours", () => {
    const session = aSession({ callUntilMs: 120 * minute });

    expect(decideExpiry(session, at(120 * minute - 1))).toBeNull();
    expect(decideExpiry(session, at(120 * minute))).toBe("silence");
  });

  test("never ends by time what waits on a person", () => {
    expect(decideExpiry(aSession({ isParked: true }), at(10_000 * minute))).toBeNull();
  });

  test("ends at once what has no process any more, parked or in a call too", () => {
    const gone = at(1, { isAlive: false });

    expect(decideExpiry(aSession(), gone)).toBe("process");
    expect(decideExpiry(aSession({ isParked: true }), gone)).toBe("process");
    expect(decideExpiry(aSession({ callUntilMs: minute }), gone)).toBe("process");
  });

  test("leaves it to the clock where the process cannot be seen", () => {
    const unseen = { isAlive: null };

    expect(decideExpiry(aSession(), at(30 * minute - 1, unseen))).toBeNull();
    expect(decideExpiry(aSession(), at(30 * minute, unseen))).toBe("silence");
  });

  test("keeps no session for a process that lives on", () => {
    expect(decideExpiry(aSession(), at(30 * minute, { isAlive: true }))).toBe("silence");
  });

  test("ends a session of an earlier boot of this host, and not one of another host", () => {
    const rebooted = at(1, { self: aStamp({ bootId: "boot-2" }), isAlive: null });

    expect(decideExpiry(aSession(), rebooted)).toBe("boot");
    expect(decideExpiry(aSession({ process: aStamp({ host: "other" }) }), rebooted)).toBeNull();
  });

  test("has nothing to say of a session that has ended", () => {
    expect(decideExpiry(aSession({ endedAtMs: 3 }), at(30 * minute))).toBeNull();
  });
});

describe("deriveState", () => {
  test.each([
    { state: "idle", odd: {}, nowMs: 0, holdsWork: false },
    { state: "busy", odd: {}, nowMs: 0, holdsWork: true },
    { state: "busy", odd: { callUntilMs: 120 * minute }, nowMs: 20 * minute, holdsWork: false },
    { state: "waiting", odd: { isParked: true }, nowMs: 10_000 * minute, holdsWork: true },
    { state: "idle", odd: {}, nowMs: 15 * minute - 1, holdsWork: false },
    { state: "stale", odd: {}, nowMs: 15 * minute, holdsWork: true },
    { state: "dead", odd: {}, nowMs: 30 * minute, holdsWork: true },
    { state: "dead", odd: { endedAtMs: 1 }, nowMs: 0, holdsWork: false },
  ])("calls it $state given $odd at $nowMs ms", ({ state, odd, nowMs, holdsWork }) => {
    expect(deriveState(aSession(odd), { ...at(nowMs), holdsWork })).toBe(state);
  });
});
