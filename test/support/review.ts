import type {
  Change,
  ChangedFile,
  Claim,
  DiffLine,
  Finding,
  Hunk,
  ReviewResult,
} from "../../src/core/review/index.ts";

/** A hunk from lines as they stand in a diff, sign first; both sides begin at `start`. */
export function aHunk(start: number, lines: readonly string[], section = ""): Hunk {
  let [oldLine, newLine] = [start, start];
  const read = lines.map((line): DiffLine => {
    const text = line.slice(1);
    switch (line.charAt(0)) {
      case "+":
        return { kind: "added", oldLine: null, newLine: newLine++, text };
      case "-":
        return { kind: "removed", oldLine: oldLine++, newLine: null, text };
      default:
        return { kind: "context", oldLine: oldLine++, newLine: newLine++, text };
    }
  });
  return { oldStart: start, newStart: start, section, lines: read };
}

export function aFile(file: Partial<ChangedFile> = {}): ChangedFile {
  return {
    path: "src/a.ts",
    oldPath: null,
    kind: "modified",
    isBinary: false,
    hunks: [aHunk(1, [" one", "-two", "+deux", " three"])],
    ...file,
  };
}

export function aChange(files: readonly ChangedFile[]): Change {
  return { base: "b".repeat(40), head: "c".repeat(40), files };
}

export function aClaim(claim: Partial<Claim> = {}): Claim {
  return {
    path: "src/a.ts",
    line: 2,
    endLine: 2,
    severity: "high",
    category: "correctness",
    title: "The total is not rounded",
    body: "A sum of floats is compared with `===`.",
    quoted: "deux",
    symbol: null,
    failingInput: null,
    ...claim,
  };
}

export function aFinding(finding: Partial<Finding> = {}): Finding {
  return {
    id: "F1",
    fingerprint: "f".repeat(32),
    path: "src/a.ts",
    line: 2,
    endLine: 2,
    severity: "high",
    category: "correctness",
    title: "The total is not rounded",
    body: "A sum of floats is compared with `===`.",
    quoted: "deux",
    placement: "line",
    support: 667,
    threshold: 60,
    decision: "published",
    state: "new",
    ballots: [
      { seat: 2, vote: "confirm", reason: "It fails for 0.1 + 0.2.", isRediscovery: false },
      { seat: 3, vote: "confirm", reason: "Seen too.", isRediscovery: true },
      { seat: 4, vote: "reject", reason: "The callers round.", isRediscovery: false },
    ],
    proposers: [1, 3],
    places: [],
    ...finding,
  };
}

export function aResult(result: Partial<ReviewResult> = {}): ReviewResult {
  return {
    id: "R1",
    verdict: "changes",
    effectiveRule: "60 % of 3 equal votes = 2 of 3",
    base: "b".repeat(40),
    head: "c".repeat(40),
    seats: [
      {
        seat: 1,
        model: "sonnet",
        family: "claude",
        weight: 1500,
        calls: 2,
        microUsd: 12_345,
        error: null,
      },
      {
        seat: 2,
        model: "qwen-32b",
        family: "qwen",
        weight: 1500,
        calls: 1,
        microUsd: 1,
        error: "It timed out.",
      },
    ],
    findings: [aFinding()],
    unconfirmed: [],
    fixed: [],
    declined: [],
    skipped: [{ path: "package-lock.json", reason: "It is a lock file." }],
    coverage: { files: 1, hunks: 2, unseen: [], seats: [{ seat: 1, seenHunks: 2, missed: [] }] },
    cost: { microUsd: 12_346, inputTokens: 1_000, outputTokens: 200, savedMicroUsd: 0 },
    notes: [],
    wasStopped: false,
    ...result,
  };
}
