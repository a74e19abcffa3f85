import { absent, known } from "../../src/core/rules/index.ts";
import type {
  Account,
  ChangeCommit,
  Fact,
  Ledger,
  LedgerLease,
  LedgerTask,
  Policy,
  PolicyNode,
  Publication,
  RuleChoice,
  SizedFile,
  Snapshot,
} from "../../src/core/rules/index.ts";

export const nowMs = Date.parse("2026-03-04T12:00:00Z");

/** A day, as rules are written where nobody says otherwise. */
export const dayMs = 24 * 3_600_000;

export const headSha = "b".repeat(40);

/** A change of one file by a person who may, with nothing against it. */
export function aSnapshot(odd: Partial<Snapshot> = {}): Snapshot {
  return {
    base: { ref: "main", sha: "a".repeat(40) },
    head: { ref: "feature/x", sha: headSha, isFork: false },
    author: known(aPerson("ada")),
    text: known({ title: "Round prices", body: "" }),
    labels: known([]),
    files: known([aFile("src/a.ts")]),
    commits: known([aCommit({ paths: ["src/a.ts"] })]),
    ledger: known(aLedger()),
    approvals: known([]),
    secrets: known([]),
    lockFiles: known([]),
    nowMs,
    ...odd,
  };
}

export function aPerson(login: string, odd: Partial<Account> = {}): Account {
  return { id: `id-${login}`, login, kind: "person", permission: "write", ...odd };
}

export function aFile(path: string, odd: Partial<SizedFile> = {}): SizedFile {
  return {
    path,
    oldPath: null,
    kind: "modified",
    addedLines: 1,
    removedLines: 1,
    changesDependencies: false,
    firstLine: 1,
    ...odd,
  };
}

export function aCommit(odd: Partial<ChangeCommit> = {}): ChangeCommit {
  return { sha: "c".repeat(40), message: "Change it\n", isMerge: false, paths: [], ...odd };
}

/** A commit's message with the trailers of a claim. */
export function marked(task: string, fence: number): string {
  return `Change it\n\nSkein-Task: ${task}\nSkein-Fence: ${String(fence)}\n`;
}

export const publisher = "0123456789abcdefghjkmnpqrs";

export function aPublication(odd: Partial<Publication> = {}): Publication {
  return {
    publisher,
    repository: "shop/prices",
    publishedAtMs: nowMs - 12 * 60_000,
    headSeq: 100,
    caseInsensitive: false,
    leases: [],
    tasks: [],
    omitted: 0,
    ...odd,
  };
}

export function aLedger(
  odd: Partial<Publication> = {},
  source: Ledger["source"] = "published",
): Ledger {
  return { source, publications: [aPublication(odd)] };
}

export function aLease(path: string, odd: Partial<LedgerLease> = {}): LedgerLease {
  return {
    id: "L1",
    session: "s1",
    name: "grace",
    ancestors: [],
    task: null,
    patterns: [{ kind: "literal", text: path }],
    mode: "exclusive",
    fence: 40,
    untilMs: nowMs + 18 * 60_000,
    isLanding: false,
    branch: null,
    reason: "",
    ...odd,
  };
}

export function aTask(odd: Partial<LedgerTask> = {}): LedgerTask {
  return {
    task: "prices/T1",
    state: "claimed",
    fence: 50,
    session: "s2",
    ancestors: [],
    accepted: [],
    scope: null,
    ...odd,
  };
}

export function aRule(
  choice: RuleChoice,
  odd: Partial<Extract<PolicyNode, { readonly kind: "rule" }>> = {},
): PolicyNode {
  return { kind: "rule", name: null, isAdvisory: false, targets: null, choice, ...odd };
}

export function aPolicy(require: Policy["require"], generated: readonly string[] = []): Policy {
  return { require, generated };
}

export const offline: Fact<never> = absent("It is known on GitHub only.");
