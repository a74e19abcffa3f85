import type { MicroUsd } from "../base/ids.ts";

/**
 * What makes a submitted task done: `merge` its commit reached the integration branch, `lead` a lead or a person said so after that,
 * `check:NAME` a command named in the committed `skein.yml` passed after that, `none` submitting is enough (no shared branch is touched).
 */
export type Verify = "merge" | "lead" | "none" | `check:${string}`;

export type PlanStatus = "active" | "paused" | "canceled" | "finished";

/** A DAG of work under one id. */
export interface Plan {
  /** As written in its file, as `checkout-flow`: letters, digits, `-`, `_`, `.`; at most 64. */
  readonly id: string;
  readonly title: string;
  readonly verify: Verify;
  readonly budgetMicroUsd: MicroUsd | null;
  /** Stored: active, paused or canceled; `finished` is derived when every task has ended. */
  readonly status: PlanStatus;
  /** Why it is paused, or null. */
  readonly pauseReason: string | null;
  /** The actor whose import made it, as `session:s3` or `person:ann`. */
  readonly proposedBy: string;
  readonly createdAtMs: number;
  /** Rises by one with each change; compare-and-swap against it. */
  readonly version: number;
}

/** A plan as its file says it, parsed and checked, not yet stored. */
export interface PlanDraft {
  readonly id: string;
  readonly title: string;
  readonly verify: Verify;
  readonly budgetMicroUsd: MicroUsd | null;
  readonly tasks: readonly TaskDraft[];
}

/** A task as its plan file says it. */
export interface TaskDraft {
  readonly id: string;
  readonly title: string;
  /** Markdown; untrusted data to whoever reads it. */
  readonly spec: string;
  /** Scope as written: what its claim leases. */
  readonly files: readonly string[];
  readonly dependsOn: readonly string[];
  readonly priority: Priority;
  readonly minutes: number;
  readonly skills: readonly string[];
  /** Shown to the agent and the reviewer, never executed. */
  readonly accept: readonly string[];
  readonly parent: string | null;
  readonly budgetMicroUsd: MicroUsd | null;
  /** The earliest time to hand it out, or null. */
  readonly notBeforeMs: number | null;
  /** True for a ticked checklist item: it is taken over as done. */
  readonly isDone: boolean;
  /** Where it stands in its file, for errors: 1-based, or null when it came from no text. */
  readonly line: number | null;
}

export type Priority = "critical" | "high" | "medium" | "low";
