import { AsyncLocalStorage } from "node:async_hooks";
import type { TransactionHooks } from "./hooks.ts";
import type { FirstQueries, Transaction } from "./store.ts";

/** One writer of a group. */
export interface Member {
  /** Runs its work in a savepoint of the group's transaction; a failure is kept and undoes this member alone. */
  run(open: Savepoint): Promise<void>;
  /** Tells its caller how its work ended, once the group is committed; `fault`: the disk did not confirm that. Never throws. */
  settle(fault: unknown): void;
  /** Tells its caller that nothing of the group was saved. */
  fail(error: unknown): void;
  /** Tells its caller that it is not known what of the group was saved: whatever its own work found may never have been so. */
  lose(error: unknown): void;
  readonly sinceMs: number;
  /** Tells what it most probably asks first. */
  readonly first: FirstQueries;
}

/** A transaction with room for one member. */
export interface Savepoint {
  /** Runs work between a savepoint and its release; undoes it when it throws. @throws when the whole transaction is gone. */
  inside<T>(work: MemberWork<T>): Promise<MemberOutcome<T>>;
}

export type MemberWork<T> = (tx: Transaction, hooks: TransactionHooks) => Promise<T>;

export type MemberOutcome<T> =
  | { readonly kind: "done"; readonly result: T; readonly hooks: TransactionHooks }
  | { readonly kind: "threw"; readonly error: unknown };

/** Whoever waits for a member. */
export interface GroupCaller<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** Makes a member of whatever is to be written. */
export function memberOf<T>(
  work: (tx: Transaction) => Promise<T>,
  caller: GroupCaller<T>,
  first: FirstQueries = () => [],
): Member {
  let outcome: MemberOutcome<T> | null = null;
  // What the caller's surroundings say of it is looked up where it asked, not where the group runs.
  const inContext = AsyncLocalStorage.snapshot();
  return {
    sinceMs: performance.now(),
    first,
    run: async (savepoint) => {
      outcome = await inContext(async () =>
        savepoint.inside(async (tx, hooks) => {
          const result = await work(tx);
          await hooks.runBefore();
          return result;
        }),
      );
    },
    settle: (fault) => {
      try {
        if (outcome?.kind === "done") {
          outcome.hooks.runAfter();
          settleDone(caller, outcome.result, fault);
        } else {
          caller.reject(outcome?.error);
        }
      } catch (error) {
        caller.reject(error);
      }
    },
    fail: (error) => {
      caller.reject(outcome?.kind === "threw" ? outcome.error : error);
    },
    lose: (error) => {
      caller.reject(error);
    },
  };
}

function settleDone<T>(caller: GroupCaller<T>, result: T, fault: unknown): void {
  if (fault === null) {
    caller.resolve(result);
  } else {
    caller.reject(fault);
  }
}
