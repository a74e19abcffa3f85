import type { Edit, TaskWork } from "./work.ts";

/** Where an agent stands before its next piece of work. */
export type Turn =
  | { readonly kind: "task"; readonly work: TaskWork }
  /** Something is left, but nothing that could be begun now. */
  | { readonly kind: "wait" }
  | { readonly kind: "over" };

/** How agents agree on who does what: through Skein, or through a checklist. */
export interface Board {
  /** Looks for work and marks it as taken. */
  take(): Promise<Turn>;
  /** Waits until looking again is worth while. */
  wait(): Promise<void>;
  /** Brings the worktree to where the task begins; git's work alone. */
  begin(work: TaskWork): Promise<void>;
  /** Asks whether a file may be written; null for yes, else why not. */
  mayEdit(edit: Edit): Promise<string | null>;
  /** Commits what was edited. */
  commit(work: TaskWork): Promise<Committed>;
  /** Hands the commit in. */
  handIn(work: TaskWork, commit: string): Promise<void>;
  /** Gives the task back. */
  giveUp(work: TaskWork, reason: string): Promise<void>;
  close(): Promise<void>;
}

/** How a commit ended. */
export type Committed =
  | { readonly kind: "committed"; readonly commit: string }
  | { readonly kind: "refused"; readonly reason: string };
