import type { Actor, MicroUsd } from "../base/ids.ts";
import { issueOfPlan } from "../base/issue-plan.ts";
import type { Costs, OutcomeRequest } from "../costs/index.ts";
import type { Dispatch } from "../dispatch/index.ts";
import type { Events } from "../events/index.ts";
import type { Leases } from "../leases/index.ts";
import type { PlanDraft, Plans, TaskStatus } from "../plans/index.ts";
import type { Store } from "../store/index.ts";

/** A task as the database has it. */
export interface WorkedTask {
  readonly status: TaskStatus;
  readonly spentMicroUsd: MicroUsd;
  /** Where its work stands, else what was submitted; null: neither. */
  readonly commit: string | null;
}

/** A plan as the database has it. */
export interface WorkedPlan {
  /** True when somebody canceled it in Skein: it is not imported again. */
  readonly isCanceled: boolean;
  readonly tasks: ReadonlyMap<string, WorkedTask>;
  /** All that the ledger has for the plan's issue. */
  readonly issueMicroUsd: MicroUsd;
}

/** What an issue or a pull request came to. */
export type WorkedOutcome = Omit<OutcomeRequest, "actor">;

/** Who moves a task, and why. */
export interface WorkAct {
  readonly plan: string;
  readonly task: string;
  /** A person's login. */
  readonly person: string;
  readonly reason: string;
}

/** The plans of this project's database, as far as issues need them. */
export interface Work {
  /** Null: it was never taken in here. */
  read(plan: string): Promise<WorkedPlan | null>;
  /** Takes a plan in; again it changes nothing. Nothing is written in a dry run. Tells the tasks that change. */
  take(draft: PlanDraft, isDryRun: boolean): Promise<readonly string[]>;
  /** Takes a claimed task from its holder. */
  release(act: WorkAct): Promise<void>;
  /** Completes a submitted task and ends its leases. */
  finish(act: WorkAct): Promise<void>;
  /** Cancels a task, and ends the claim and the leases on it. */
  cancel(act: WorkAct): Promise<void>;
  /** Keeps what an issue or a pull request came to; again it changes nothing. */
  record(outcome: WorkedOutcome): Promise<void>;
}

export interface WorkDeps {
  readonly store: Store;
  readonly events: Pick<Events, "nextSeq">;
  readonly plans: Plans;
  readonly costs: Costs;
  readonly leases: Leases;
  readonly dispatch: Pick<Dispatch, "cancelTask" | "importPlan" | "releaseTask">;
  readonly actor: Actor;
}

export function createWork(deps: WorkDeps): Work {
  const { store, events, plans, costs, leases, dispatch, actor } = deps;
  return {
    read: async (id) =>
      store.read(async (reader) => {
        const plan = await plans.findPlan(reader, id);
        if (plan === null) {
          return null;
        }
        const tasks = await plans.listTasks(reader, { plan: id });
        const issue = issueOfPlan(id);
        return {
          isCanceled: plan.status === "canceled",
          issueMicroUsd: issue === null ? 0 : await costs.spentIn(reader, `issue:${String(issue)}`),
          tasks: new Map(
            tasks.map((task) => [
              task.id,
              {
                status: task.status,
                spentMicroUsd: task.spentMicroUsd,
                commit: task.integratedCommit ?? task.commit,
              },
            ]),
          ),
        };
      }),
    take: async (draft, isDryRun) => {
      const result = await dispatch.importPlan(draft, { actor, isDryRun });
      return [...result.created, ...result.updated, ...result.canceled];
    },
    release: async ({ plan, task, person, reason }) => {
      await dispatch.releaseTask({ target: `${plan}/${task}`, by: null, person, reason });
    },
    finish: async ({ plan, task, person, reason }) => {
      const by: Actor = `person:${person}`;
      await store.write(async (tx) => {
        const cause = await events.nextSeq(tx);
        await plans.done(tx, { task: { plan, id: task }, actor: by });
        await leases.release(tx, { kind: "task", plan, task }, { actor: by, cause, reason });
      });
    },
    cancel: async ({ plan, task, person, reason }) => {
      await dispatch.cancelTask(`${plan}/${task}`, { actor: `person:${person}`, reason });
    },
    record: async (outcome) => {
      await store.write(async (tx) => costs.recordOutcome(tx, { ...outcome, actor }));
    },
  };
}
