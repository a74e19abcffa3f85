import { describe, expect, test } from "vitest";
import { isLive, leaseChange } from "../../../src/core/leases/index.ts";
import { leaseOf, untilMsOf } from "../../../src/core/leases/lease.ts";
import type { LeaseFacts } from "../../../src/core/leases/lease.ts";
import { aHolder, patternsOf } from "../../support/leases.ts";

function facts(odd: Partial<LeaseFacts> = {}): LeaseFacts {
  return {
    id: "L1",
    session: "s1",
    plan: null,
    task: null,
    mode: "exclusive",
    origin: "files",
    patterns: patternsOf("src/ a.ts"),
    reason: "",
    branch: null,
    fence: 7,
    grantedAtMs: 1_000,
    renewedAtMs: 1_000,
    durationMs: 500,
    releasedAtMs: null,
    releaseReason: null,
    ...odd,
  };
}

describe("untilMsOf", () => {
  test.each([
    ["counts from the grant", {}, {}, 1_500],
    ["counts from the session's last call", {}, { renewedAtMs: 2_000 }, 2_500],
    ["lasts as long as a running call may", {}, { callUntilMs: 9_000 }, 9_000],
    ["counts from its own renewal", { renewedAtMs: 3_000 }, { renewedAtMs: 2_000 }, 3_500],
    ["has no end while the session waits on a person", {}, { parked: true }, null],
    ["ends with its session", {}, { ended: true, renewedAtMs: 2_000 }, 1_000],
    [
      "of the edit hook ignores the session's other calls",
      { origin: "edit" },
      { renewedAtMs: 2_000, callUntilMs: 9_000 },
      1_500,
    ],
    ["of a submitted task has no end", { origin: "landing" }, { ended: true }, null],
  ] as const)("%s", (...[, odd, holder, until]) => {
    expect(untilMsOf(facts(odd), aHolder(holder))).toBe(until);
  });

  test("ends with a session that is not known", () => {
    expect(untilMsOf(facts(), null)).toBe(1_000);
  });
});

describe("isLive", () => {
  test("frees a path at the very millisecond its lease ends", () => {
    const lease = leaseOf(facts(), aHolder());

    expect([isLive(lease, 1_499), isLive(lease, 1_500)]).toEqual([true, false]);
  });
});

describe("leaseChange", () => {
  test("tells directories by their slash", () => {
    const change = leaseChange(leaseOf(facts(), aHolder()));

    expect(change).toMatchObject({ entity: "lease", id: "L1" });
    expect(change.set).toMatchObject({ patterns: ["src/", "a.ts"], fence: 7, until: 1_500 });
  });
});
