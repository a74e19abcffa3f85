import type { Verdict } from "./rule.ts";
import { judgedBy, permissions, withoutFact } from "./snapshot.ts";
import type { Account, Permission, PersonApproval, Snapshot } from "./snapshot.ts";

/** Who may do something: by permission, or by login. */
export interface Entitled {
  readonly permission: Permission;
  readonly users: readonly string[];
}

/** A person with the permission, or an account that is named; a bot only where it is named. */
export function isEntitled(account: Account, { permission, users }: Entitled): boolean {
  const isNamed = users.some((user) => user.toLowerCase() === account.login.toLowerCase());
  return isNamed || (account.kind === "person" && hasPermission(account, permission));
}

export function hasPermission(account: Account, least: Permission): boolean {
  return permissions.indexOf(account.permission) >= permissions.indexOf(least);
}

export interface Approving extends Entitled {
  readonly authorCounts: boolean;
  readonly snapshot: Snapshot;
}

/** Decides by the persons who approved this very head. Whether one of them is the author is never guessed. */
export function judgedByApprovers(
  approving: Approving,
  decide: (people: readonly string[]) => Verdict,
): Verdict {
  const { author, approvals } = approving.snapshot;
  return author.kind === "failed"
    ? withoutFact(author)
    : judgedBy(approvals, (standing) => decide(approversAmong(standing, approving)));
}

/** The logins of the persons among them, each once. A bot never counts, and the author only where people chose so. */
function approversAmong(
  approvals: readonly PersonApproval[],
  { snapshot, authorCounts, permission, users }: Approving,
): readonly string[] {
  const author = snapshot.author.kind === "known" ? snapshot.author.value : null;
  const people = approvals
    .filter(({ by, sha }) => sha === snapshot.head.sha && by.id !== author?.id)
    .map(({ by }) => by);
  const all = authorCounts && author !== null ? [author, ...people] : people;
  const counting = all.filter(
    (account) => account.kind === "person" && isEntitled(account, { permission, users }),
  );
  return [...new Map(counting.map(({ id, login }) => [id, login])).values()];
}
