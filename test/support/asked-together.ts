import type { SkeinError } from "../../src/core/base/errors.ts";
import type { Caller, NextTaskOutcome, NextTaskRequest } from "../../src/core/dispatch/index.ts";
import { checkInvariants, readStateFacts } from "../../src/core/upkeep/index.ts";
import { aCaller, aPlan, aTask, createStand } from "./coordination.ts";
import type { CoordinationStand } from "./coordination.ts";
import { countingOpener } from "./counted-store.ts";
import type { StoreCounts } from "./counted-store.ts";
import type { OpenTestStore } from "./stores.ts";

/** A project whose store counts what it is asked. */
export interface Board extends CoordinationStand {
  readonly counts: StoreCounts;
}

/** A plan of some tasks, each with a folder of its own. */
export async function boardOf(
  open: OpenTestStore,
  odd: Parameters<typeof createStand>[2] = {},
): Promise<Board> {
  const [counting, counts] = countingOpener(open);
  const stand = await createStand(counting, 1, odd);
  const tasks = Array.from({ length: 12 }, (_, at) =>
    aTask(`T${String(at)}`, { files: [`src/${String(at)}/**`] }),
  );
  await stand.dispatch.importPlan(aPlan(tasks, { budgetMicroUsd: 50_000_000 }), {
    actor: "person:ana",
  });
  return { ...stand, counts };
}

export async function joined({ dispatch }: Board, name: string): Promise<Caller> {
  const { handle } = await dispatch.identify(aCaller(name));
  return { ...aCaller(name), handle };
}

/** What came of some requests that meet in one line behind a write. */
export async function askTogether(
  { dispatch, store }: CoordinationStand,
  requests: readonly NextTaskRequest[],
): Promise<readonly PromiseSettledResult<NextTaskOutcome>[]> {
  await dispatch.recover();
  const writing = store.write((tx) => tx.get("SELECT 1 AS one", []));
  const asked = requests.map((request) => dispatch.nextTask(request));
  const outcomes = await Promise.allSettled(asked);
  await writing;
  return outcomes;
}

export function taskOf(
  outcome: PromiseSettledResult<NextTaskOutcome> | undefined,
): string | undefined {
  return outcome?.status === "fulfilled" ? outcome.value.claim?.task.id : undefined;
}

export function codeOf(
  outcome: PromiseSettledResult<NextTaskOutcome> | undefined,
): string | undefined {
  const reason: SkeinError | undefined =
    outcome?.status === "rejected" ? outcome.reason : undefined;
  return reason?.code;
}

export async function violationsOf(board: Board): Promise<readonly unknown[]> {
  const policy = { caseInsensitive: false };
  const facts = await board.store.read((reader) => readStateFacts({ ...board, policy }, reader));
  return checkInvariants(facts);
}
