import { describe, expect, test } from "vitest";
import { closingLine, countTests } from "../../scripts/closing-line.ts";

describe("closingLine", () => {
  test("says passed and failed", () => {
    expect(closingLine({ passed: 12, failed: 0, skipped: 0 })).toBe("12 passed, 0 failed");
  });

  test("names skipped cases only where there were some", () => {
    expect(closingLine({ passed: 1, failed: 2, skipped: 3 })).toBe("1 passed, 2 failed, 3 skipped");
  });
});

describe("countTests", () => {
  const ok = { status: "passed", assertionResults: [{ status: "passed" }] };

  test("adds up what the report says", () => {
    const report = reportOf({ numPassedTests: 4, numFailedTests: 1, numPendingTests: 2 }, [ok]);

    expect(countTests(report, 1)).toEqual({ passed: 4, failed: 1, skipped: 2 });
  });

  test("counts a file that broke before its first case as a failure", () => {
    const report = reportOf({ numPassedTests: 4 }, [
      ok,
      { status: "failed", assertionResults: [] },
    ]);

    expect(countTests(report, 1).failed).toBe(1);
  });

  test("never says that nothing failed when the run ended badly", () => {
    expect(countTests(reportOf({ numPassedTests: 4 }, [ok]), 1).failed).toBe(1);
    expect(countTests(null, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

function reportOf(
  numbers: Readonly<Record<string, number>>,
  testResults: readonly object[],
): string {
  const zeros = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
  return JSON.stringify({ ...zeros, ...numbers, testResults });
}
