import type { MicroUsd } from "../base/ids.ts";
import type { Issue, User } from "../hosting/index.ts";
import { childLabel, readChildLine } from "./child.ts";
import type { DecompositionDeps } from "./deps.ts";
import { approve } from "./making/approve.ts";
import type { ApproveIssueRequest, ApproveOutcome } from "./making/approve.ts";
import { readKept } from "./keeping.ts";
import { begin } from "./making/begin.ts";
import type { BeginRequest } from "./making/begin.ts";
import { propose } from "./making/propose.ts";
import type { ProposeOutcome, ProposeRequest } from "./making/propose.ts";
import { spendOf } from "./money.ts";
import { besides } from "./runs.ts";
import { sync } from "./sync/sync.ts";
import type { SyncOutcome, SyncRequest } from "./sync/sync.ts";

/** An issue that was closed, reopened or edited. */
export interface IssueEvent {
  readonly action: "closed" | "edited" | "labeled" | "reopened" | "unlabeled";
  /** Its body is others' words: it only says where to look. */
  readonly issue: Pick<Issue, "body" | "number">;
  /** Who did it, as the host says. */
  readonly sender: User;
}

/**
 * Splits issues into child issues and keeps them in step with a Skein plan. What a run has to remember stands in one comment of our own
 * account; a database, where there is one, has the plan as well, so that agents are handed its tasks.
 */
export interface Decomposition {
  /** Shows a plan of an issue in one comment. @throws {SkeinError} SKN-1661, SKN-1662, SKN-4661, SKN-5661, and those of the draft. */
  propose(request: ProposeRequest): Promise<ProposeOutcome>;
  /** Creates what was shown, for somebody with write access; goes on where an earlier run broke off. @throws {SkeinError} as `propose`, SKN-5662. */
  approve(request: ApproveIssueRequest): Promise<ApproveOutcome>;
  /** Brings both sides to say the same. @throws {SkeinError} SKN-4661, SKN-5662. */
  sync(request: SyncRequest): Promise<SyncOutcome>;
  /** Syncs the plan that an issue is a child of; without a call where it is none. */
  onIssueEvent(event: IssueEvent): Promise<SyncOutcome>;
  /** What an issue has cost by our comment there, without the reviews of one pull request: two calls. @throws {SkeinError} SKN-4661. */
  spent(issue: number, but: number | null): Promise<MicroUsd>;
  /** Sets the money of a planning aside that several processes do: three calls and a write. @throws {SkeinError} SKN-1662, SKN-4661, SKN-5661. */
  begin(request: BeginRequest): Promise<boolean>;
  /** What stands under an issue before a planning: two calls. `run`: the one whose money was set aside for it. @throws {SkeinError} SKN-4661. */
  standing(issue: number, run: string | null): Promise<Standing>;
  /** The issues that have children of ours, by number: two calls. */
  parents(): Promise<readonly number[]>;
}

/** What is known of an issue before it is planned. */
export interface Standing {
  /** What it has cost. */
  readonly spent: MicroUsd;
  /** True: its parts are there, and nothing is planned anew. */
  readonly isMade: boolean;
}

export function createDecomposition(deps: DecompositionDeps): Decomposition {
  return {
    propose: async (request) => propose(deps, request),
    approve: async (request) => approve(deps, request),
    sync: async (request) => sync(deps, request),
    onIssueEvent: async ({ action, issue, sender }) => {
      const line = readChildLine(issue.body);
      if (line === null) {
        return { kind: "not-ours" };
      }
      const { number } = issue;
      const isEnd = action === "closed" || action === "reopened";
      return sync(deps, {
        issue: line.parent,
        hint: isEnd ? { number, action, sender } : undefined,
      });
    },
    spent: async (issue, but) => {
      const { state } = await readKept(deps, issue);
      return state === null ? 0 : spendOf(state, but).total;
    },
    begin: async (request) => begin(deps, request),
    standing: async (issue, run) => {
      const { state } = await readKept(deps, issue);
      return state === null
        ? { spent: 0, isMade: false }
        : { spent: spendOf(besides(state, run)).total, isMade: state.phase === "created" };
    },
    parents: async () => {
      const self = await deps.host.self();
      const issues = await deps.host.issues.list({
        state: "all",
        labels: [childLabel],
        limit: 300,
      });
      const own = issues.filter(({ author }) => author.id === self.id);
      const numbers = own.flatMap(({ body }) => readChildLine(body)?.parent ?? []);
      return [...new Set(numbers)].toSorted((one, other) => one - other);
    },
  };
}
