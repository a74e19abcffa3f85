import type { Ledger } from "./ledger/ledger.ts";
import { cannotJudge, skips } from "./rule.ts";
import type { Verdict } from "./rule.ts";

/** Something that a rule looks at and that is not known everywhere. */
export type Fact<T> =
  | { readonly kind: "known"; readonly value: T }
  /** It is not looked at here, as approvals offline: a rule that needs it is skipped. */
  | { readonly kind: "absent"; readonly why: string }
  /** It was looked for in vain: a rule that needs it ends in an error, which is never green. */
  | { readonly kind: "failed"; readonly why: string };

/** What an account may do in the repository, as the code host's API says; the least first. */
export const permissions = ["none", "read", "triage", "write", "maintain", "admin"] as const;
export type Permission = (typeof permissions)[number];

/** An account as the code host's API tells of it: never a git author, a display name or what somebody calls themselves. */
export interface Account {
  readonly id: string;
  readonly login: string;
  readonly kind: "person" | "bot";
  readonly permission: Permission;
}

/** A changed file with its size, counted locally from the merge base to the head. */
export interface SizedFile {
  /** On the new side; of a deleted file: the old one. */
  readonly path: string;
  /** Where a renamed or copied file came from, else null. */
  readonly oldPath: string | null;
  readonly kind: "added" | "modified" | "deleted" | "renamed" | "copied";
  /** Null for a binary file. */
  readonly addedLines: number | null;
  readonly removedLines: number | null;
  /** The first line of the new side that the change touches; null where there is none, or nobody looked. */
  readonly firstLine: number | null;
  /** Of a package manager's manifest: whether lines of its dependencies change (`changesDependencies`). False for all others. */
  readonly changesDependencies: boolean;
}

/** One commit of the change, the newest first in lists. */
export interface ChangeCommit {
  readonly sha: string;
  readonly message: string;
  readonly isMerge: boolean;
  /** Both sides of renames. Of a merge: what differs from all parents. */
  readonly paths: readonly string[];
}

/** An approving review that stands. */
export interface PersonApproval {
  readonly by: Account;
  /** The head that was approved. */
  readonly sha: string;
}

/** A line in which something looks like a secret; the secret itself is nowhere. */
export interface SecretSighting {
  readonly path: string;
  readonly line: number;
  /** As `github-token`. */
  readonly kind: string;
}

/** The words of a pull request. */
export interface PullText {
  readonly title: string;
  readonly body: string;
}

/** Everything that rules may look at, read once for all of them. What an author can choose is never grounds for an exemption. */
export interface Snapshot {
  readonly base: { readonly ref: string; readonly sha: string };
  readonly head: {
    /** Null where no branch is named. */
    readonly ref: string | null;
    readonly sha: string;
    /** True when it stands in another repository. */
    readonly isFork: boolean;
  };
  readonly author: Fact<Account>;
  readonly text: Fact<PullText>;
  readonly labels: Fact<readonly string[]>;
  readonly files: Fact<readonly SizedFile[]>;
  readonly commits: Fact<readonly ChangeCommit[]>;
  readonly ledger: Fact<Ledger>;
  readonly approvals: Fact<readonly PersonApproval[]>;
  readonly secrets: Fact<readonly SecretSighting[]>;
  /** The lock files that exist on the head. */
  readonly lockFiles: Fact<readonly string[]>;
  readonly nowMs: number;
}

export function known<T>(value: T): Fact<T> {
  return { kind: "known", value };
}

export function absent<T>(why: string): Fact<T> {
  return { kind: "absent", why };
}

export function failed<T>(why: string): Fact<T> {
  return { kind: "failed", why };
}

/** Decides by a fact where it is known. */
export function judgedBy<T>(fact: Fact<T>, decide: (value: T) => Verdict): Verdict {
  return fact.kind === "known" ? decide(fact.value) : withoutFact(fact);
}

/** What a rule says that cannot look at what it needs. */
export function withoutFact({
  kind,
  why,
}: Exclude<Fact<unknown>, { readonly kind: "known" }>): Verdict {
  return kind === "absent"
    ? skips(why)
    : cannotJudge(why, "Let the check run again; the log of the run says more.");
}

/** Both sides of a rename, once each. */
export function touchedBySides(files: readonly SizedFile[]): readonly string[] {
  const paths = new Set<string>();
  for (const { path, oldPath, kind } of files) {
    paths.add(path);
    if (oldPath !== null && kind === "renamed") {
      paths.add(oldPath);
    }
  }
  return [...paths];
}
