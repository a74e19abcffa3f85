import { describe, expect, test } from "vitest";
import type { CommandEnd, Finding } from "../../../src/core/review/index.ts";
import { applyVerification, decideVerification } from "../../../src/core/review/verification.ts";
import { verifyFindings } from "../../../src/core/review/verifying.ts";
import { createManualTimer } from "../../support/manual-timer.ts";
import { aFinding } from "../../support/review.ts";

const exited = (code: number): CommandEnd => ({ kind: "exited", code });
const failed: CommandEnd = { kind: "failed", reason: "was killed" };

describe("decideVerification", () => {
  test.each<readonly [CommandEnd, CommandEnd | null, string]>([
    [exited(0), null, "reject"],
    [exited(1), exited(0), "confirm"],
    [exited(124), exited(0), "confirm"],
    [exited(1), exited(1), "abstain"],
    [exited(1), exited(127), "abstain"],
    [exited(1), failed, "abstain"],
    [exited(1), null, "abstain"],
    [exited(125), exited(0), "abstain"],
    [exited(126), null, "abstain"],
    [exited(127), null, "abstain"],
    [exited(137), null, "abstain"],
    [failed, null, "abstain"],
  ])("reads %j on the head and %j on the base as %s", (head, base, vote) => {
    expect(decideVerification(head, base).vote).toBe(vote);
  });
});

describe("applyVerification", () => {
  test("leaves a check's finding as it is: it was not voted on", () => {
    const finding = aFinding({ decision: "check" });
    const verified = { [finding.fingerprint]: { vote: "reject" as const, reason: "" } };

    expect(applyVerification(finding, verified)).toBe(finding);
  });
});

function many(count: number): readonly Finding[] {
  return Array.from({ length: count }, (_, index) =>
    aFinding({ id: `F${String(index + 1)}`, fingerprint: `f${String(index + 1)}` }),
  );
}

describe("verifyFindings", () => {
  const { signal } = new AbortController();

  test("asks the worst first, and neither checks nor what was rejected", async () => {
    const asked: string[] = [];
    const [low, critical, check, rejected, unsure] = many(5);
    await verifyFindings(
      {
        findings: [
          aFinding({ ...low, severity: "low" }),
          aFinding({ ...critical, severity: "critical" }),
          aFinding({ ...check, decision: "check" }),
        ],
        unconfirmed: [
          aFinding({ ...rejected, decision: "rejected" }),
          aFinding({ ...unsure, decision: "unconfirmed" }),
        ],
      },
      {
        totalMs: 1_000,
        run: async ({ id }) => {
          asked.push(id);
          return exited(0);
        },
      },
      { clock: createManualTimer(), signal },
    );

    expect(asked).toEqual(["F2", "F5", "F1"]);
  });

  test("asks of no more than twenty, and begins none when the time of all is up", async () => {
    const timer = createManualTimer();
    const run = async (): Promise<CommandEnd> => {
      await timer.advance(100);
      return exited(125);
    };
    const findings = many(22);
    const all = await verifyFindings(
      { findings, unconfirmed: [] },
      { totalMs: 100_000, run },
      { clock: timer, signal },
    );
    const short = await verifyFindings(
      { findings, unconfirmed: [] },
      { totalMs: 250, run },
      { clock: timer, signal },
    );

    expect(Object.keys(all.verified)).toHaveLength(20);
    expect(all.notes.at(-1)).toBe("Not verified: F21, F22.");
    expect(Object.keys(short.verified)).toEqual(["f1", "f2", "f3"]);
  });

  test("begins no run on the base when the time of all is up, and leaves the finding to the votes", async () => {
    const timer = createManualTimer();
    const sides: string[] = [];
    const { verified, notes } = await verifyFindings(
      { findings: many(2), unconfirmed: [] },
      {
        totalMs: 250,
        run: async (_finding, side) => {
          sides.push(side);
          await timer.advance(100);
          return exited(side === "head" ? 1 : 0);
        },
      },
      { clock: timer, signal },
    );

    expect(sides).toEqual(["head", "base", "head"]);
    expect(Object.keys(verified)).toEqual(["f1"]);
    expect(notes.at(-1)).toBe("Not verified: F2.");
  });
});
