import type { MicroUsd } from "../base/ids.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { isLooseObject, ownText, ownValue } from "../base/loose-object.ts";
import { isTaskStatus } from "../plans/index.ts";
import type { TaskStatus } from "../plans/index.ts";
import type { LooseObject } from "../base/loose-object.ts";
import type { ChildrenPlan } from "./children-plan.ts";
import { readPulls } from "./money.ts";
import type { PullSpends } from "./money.ts";
import { readPlan } from "./read-plan.ts";
import { ownNumber, readAll } from "./reading.ts";
import { readRun } from "./runs.ts";
import type { OpenRun } from "./runs.ts";

/**
 * How a child was last settled: `open`; `completed` or `canceled` by somebody whose word counts; `aside`, closed by somebody whose word does
 * not; `gone`, deleted or moved away.
 */
export type Settled = "aside" | "canceled" | "completed" | "gone" | "open";

/** A child issue as Skein knows it. */
export interface ChildState {
  readonly key: string;
  readonly number: number;
  /** The database id. */
  readonly id: number;
  /** Which attempt it is at: 1, and one more with each reopening. */
  readonly round: number;
  readonly settled: Settled;
  /** The account that closed it; null: it is open, or nobody knows. */
  readonly closer: number | null;
  /** False where it stands under its parent only in the comment. */
  readonly isLinked: boolean;
  /** How its task stood when a database was last looked at; null: never. */
  readonly work: TaskStatus | null;
  readonly spentMicroUsd: MicroUsd;
  readonly commit: string | null;
}

/** What is known of an issue's plan between two runs: it stands in Skein's own comment. */
export interface PlanState extends PullSpends {
  /** `whole`: best done as one piece; `proposed`: waits for approval; `created`: the children are there. */
  readonly phase: "created" | "proposed" | "whole";
  readonly hash: string;
  readonly source: string;
  readonly base: string | null;
  /** Null: too large for the comment; the planner keeps it under `draft`. */
  readonly plan: ChildrenPlan | null;
  readonly draft: string;
  readonly estimatedMicroUsd: MicroUsd | null;
  /** All plans of the issue that were shown, together. */
  readonly plannedMicroUsd: MicroUsd;
  /** Plannings that are not settled. The newest last. */
  readonly openRuns: readonly OpenRun[];
  /** What a ledger that outlives the run had for the issue when it was last looked at; 0 without one. */
  readonly ledgerMicroUsd: MicroUsd;
  /** The login of whoever approved it; null: nobody yet, or it was completed by a later run. */
  readonly approvedBy: string | null;
  /** `list`: the host has no sub-issues, and the comment holds a task list. */
  readonly links: "list" | "native";
  /** In the plan's order. */
  readonly children: readonly ChildState[];
}

/** Writes a state as JSON: the same state always as the same text. */
export function stateJson(state: PlanState): Json {
  const plan = state.plan === null ? null : planJson(state.plan);
  const children = state.children.map((child) => sorted({ ...child }));
  const pulls = state.pulls.map((pull) => sorted({ ...pull }));
  const openRuns = state.openRuns.map((run) => sorted({ ...run }));
  return sorted({ ...state, v: 1, plan, children, pulls, openRuns });
}

function planJson({ children, ...plan }: ChildrenPlan): Json {
  return sorted({ ...plan, children: children.map((child) => sorted({ ...child })) });
}

function sorted(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}

/** Reads a state; null when it is none of this version. */
export function readState(value: unknown): PlanState | null {
  if (!isLooseObject(value) || ownValue(value, "v") !== 1) {
    return null;
  }
  const phase = oneOf(ownText(value, "phase"), ["created", "proposed", "whole"] as const);
  const [hash, source] = [ownText(value, "hash"), ownText(value, "source")];
  const children = readAll(ownValue(value, "children"), readChild);
  const plan = readKeptPlan(ownValue(value, "plan"));
  if (phase === null || hash === null || source === null || children === null || plan === "bad") {
    return null;
  }
  return { phase, hash, source, plan, children, ...readRest(value) };
}

function readKeptPlan(value: unknown): ChildrenPlan | "bad" | null {
  return value === null ? null : (readPlan(value) ?? "bad");
}

function readRest(
  value: LooseObject,
): Omit<PlanState, "children" | "hash" | "phase" | "plan" | "source"> {
  return {
    base: ownText(value, "base"),
    draft: ownText(value, "draft") ?? "",
    estimatedMicroUsd: ownNumber(value, "estimatedMicroUsd"),
    plannedMicroUsd: ownNumber(value, "plannedMicroUsd") ?? 0,
    openRuns: readAll(ownValue(value, "openRuns"), readRun) ?? [],
    approvedBy: ownText(value, "approvedBy"),
    links: ownText(value, "links") === "list" ? "list" : "native",
    ...readPulls(value),
  };
}

/** Nobody reopens an issue so often. */
const mostRounds = 1_000;

const settledWords = ["aside", "canceled", "completed", "gone", "open"] as const;

function readChild(value: unknown): ChildState | null {
  if (!isLooseObject(value)) {
    return null;
  }
  const key = ownText(value, "key");
  const settled = oneOf(ownText(value, "settled"), settledWords);
  const number = ownNumber(value, "number");
  const id = ownNumber(value, "id");
  if (key === null || settled === null || number === null || id === null) {
    return null;
  }
  const work = ownText(value, "work");
  return {
    key,
    number,
    id,
    settled,
    round: Math.min(mostRounds, Math.max(1, ownNumber(value, "round") ?? 1)),
    closer: ownNumber(value, "closer"),
    isLinked: ownValue(value, "isLinked") === true,
    work: work !== null && isTaskStatus(work) ? work : null,
    spentMicroUsd: ownNumber(value, "spentMicroUsd") ?? 0,
    commit: ownText(value, "commit"),
  };
}

function oneOf<const T extends string>(text: string | null, words: readonly T[]): T | null {
  return words.find((word) => word === text) ?? null;
}
