/** How many cases a run had. */
export interface TestCounts {
  readonly passed: number;
  /** Cases, and files or runs that broke without a failing case of their own. */
  readonly failed: number;
  /** Cases that were left out, by a condition or as yet to be written. */
  readonly skipped: number;
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly FileResult[];
}

interface FileResult {
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string; readonly title?: string }[];
}

/**
 * Counts the cases of vitest's JSON report; null where it wrote none.
 *
 * What went wrong outside a case counts as one failure, so that a run with a non-zero status never says `0 failed`.
 */
export function countTests(report: string | null, status: number): TestCounts {
  const read = report === null ? null : parseReport(report);
  if (read === null) {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const failed = read.numFailedTests + read.testResults.filter(isBroken).length;
  return {
    passed: read.numPassedTests,
    failed: failed === 0 && status !== 0 ? 1 : failed,
    skipped: read.numPendingTests + read.numTodoTests,
  };
}

/** The titles of the cases that passed or were left out, of vitest's JSON report; none where it wrote none. */
export function titlesOf(report: string | null): readonly string[] {
  const files = (report === null ? null : parseReport(report))?.testResults ?? [];
  return files
    .flatMap(({ assertionResults }) => assertionResults)
    .flatMap(({ status, title }) => (status === "failed" || title === undefined ? [] : [title]));
}

/** The line that ends a run: `12 passed, 0 failed`, and `, 1 skipped` only where some were. */
export function closingLine({ passed, failed, skipped }: TestCounts): string {
  const line = `${passed} passed, ${failed} failed`;
  return skipped === 0 ? line : `${line}, ${skipped} skipped`;
}

function isBroken({ status, assertionResults }: FileResult): boolean {
  return status === "failed" && assertionResults.every((result) => result.status !== "failed");
}

function parseReport(text: string): Report | null {
  const value: unknown = JSON.parse(text);
  return isReport(value) ? value : null;
}

function isReport(value: unknown): value is Report {
  const isObject = typeof value === "object" && value !== null;
  return isObject && "numPassedTests" in value && "testResults" in value;
}
