import type { Git, Repository } from "../../adapters/git/index.ts";
import type { GuardedSession, Guarding } from "../../core/guarding/index.ts";
import type { Settings } from "../../settings.ts";

/** Who commits or pushes. */
export type Actor =
  | { readonly kind: "agent"; readonly session: GuardedSession }
  /** Warned and noted, never stopped. */
  | { readonly kind: "person"; readonly name: string };

/** What the guard looks at. */
export interface Guarded {
  readonly ledger: Guarding;
  readonly repository: Repository;
  readonly settings: Settings;
  readonly git: Git;
  readonly actor: Actor;
  /** Git's `GIT_INDEX_FILE`, absolute, or null. */
  readonly indexFile: string | null;
}

/** What stands against a commit or a push. */
export interface Objection {
  readonly code: string;
  /** What is wrong, with names. */
  readonly what: string;
  /** The one next step. */
  readonly next: string;
}
