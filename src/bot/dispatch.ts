import { plainOutcome } from "./context.ts";
import type {
  BotContext,
  BotMode,
  BotStage,
  Conclusion,
  EventHandler,
  HandlerOutcome,
} from "./context.ts";
import type { BotEvent } from "./event.ts";

export const handlerNames = [
  "rules",
  "review",
  "plan",
  "command",
  "closed",
  "tasks",
  "schedule",
] as const;
export type HandlerName = (typeof handlerNames)[number];

/** Loads each handler when it is needed; one that is missing answers `neutral`. */
export type HandlerTable = Readonly<Partial<Record<HandlerName, () => Promise<EventHandler>>>>;

/** What an event calls for by itself, and what else a workflow may ask for on it with `mode`. */
interface Calls {
  readonly auto: readonly HandlerName[];
  readonly also: readonly HandlerName[];
}

const nothing: Calls = { auto: [], also: [] };

const calls: Readonly<Record<BotEvent["kind"], Calls>> = {
  issue: { auto: ["plan"], also: [] },
  "issue-comment": { auto: ["command"], also: [] },
  "review-comment": { auto: ["command"], also: [] },
  "pull-request": { auto: ["rules", "review"], also: [] },
  "merge-group": { auto: ["rules"], also: [] },
  push: { auto: ["rules", "tasks"], also: [] },
  check: { auto: ["tasks"], also: [] },
  dispatch: { auto: [], also: ["rules", "review", "plan"] },
  schedule: { auto: ["schedule"], also: ["rules"] },
  other: nothing,
};

function callsOf(event: BotEvent): Calls {
  const { kind, action } = event;
  if (kind === "pull-request" && action === "closed") {
    return { auto: ["closed"], also: [] };
  }
  // It has left the queue.
  if (kind === "merge-group" && action === "destroyed") {
    return nothing;
  }
  // What passes again is found by the sweep: a repository has many checks, and most of them pass.
  if (event.kind === "check" && (action !== "completed" || !event.check.isFailing)) {
    return nothing;
  }
  // An edited comment would give its command once more.
  const isOldComment = kind.endsWith("-comment") && action !== "created";
  return isOldComment ? nothing : calls[kind];
}

/** Only these call models, so only they are done in stages. */
const staged: ReadonlySet<HandlerName> = new Set(["review", "plan", "command"]);

/** The handlers of one run, in order; none where the event calls for nothing. */
export function chooseHandlers(
  event: BotEvent,
  { mode, stage }: { readonly mode: BotMode; readonly stage: BotStage },
): readonly HandlerName[] {
  const { auto, also } = callsOf(event);
  const wanted = mode === "auto" ? auto : [...auto, ...also].filter((name) => name === mode);
  return stage === "all" ? wanted : wanted.filter((name) => staged.has(name));
}

/** What one handler answered. */
export interface Handled {
  readonly name: HandlerName;
  readonly outcome: HandlerOutcome;
}

/**
 * Runs the handlers that an event calls for, one after the other. A later stage runs only the one that the stage before handed over.
 */
export async function dispatch(
  context: BotContext,
  table: HandlerTable,
): Promise<readonly Handled[]> {
  const { event, wishes, received, log } = context;
  const chosen = chooseHandlers(event, wishes);
  const names = received === null ? chosen : chosen.filter((name) => name === received.kind);
  const handled: Handled[] = [];
  for (const name of names) {
    context.signal.throwIfAborted();
    const load = table[name];
    const outcome =
      load === undefined
        ? plainOutcome("neutral", `This version of Skein has nothing to do for \`${name}\`.`)
        : await log.group(`Skein: ${name}`, async () => (await load())(context));
    handled.push({ name, outcome });
  }
  return handled;
}

/** Why nothing was done, in one sentence. */
export function sayNothing({ name, action }: BotEvent, mode: BotMode): string {
  const event = action === null ? `\`${name}\`` : `\`${name}\` (${action})`;
  return mode === "auto"
    ? `Skein has nothing to do on ${event}.`
    : `Skein has nothing to do on ${event} in mode \`${mode}\`.`;
}

const weights: readonly Conclusion[] = ["skipped", "success", "neutral", "failure"];

/** One outcome out of several: the worst conclusion, the sums, and the first of what there is one of. */
export function mergeOutcomes(handled: readonly Handled[], otherwise: string): HandlerOutcome {
  const outcomes = handled.map(({ outcome }) => outcome);
  if (outcomes.length === 0) {
    return plainOutcome("neutral", otherwise);
  }
  const conclusion = weights.findLast((each) => outcomes.some((one) => one.conclusion === each));
  return {
    conclusion: conclusion ?? "neutral",
    title: outcomes.map(({ title }) => title).join(" "),
    summary: outcomes
      .map(({ summary }) => summary)
      .filter((text) => text !== "")
      .join("\n\n"),
    annotations: outcomes.flatMap(({ annotations }) => annotations),
    isTold: outcomes.every(({ isTold }) => isTold),
    findings: sum(outcomes.map(({ findings }) => findings)),
    reportPath: first(outcomes.map(({ reportPath }) => reportPath)),
    sarifPath: first(outcomes.map(({ sarifPath }) => sarifPath)),
    costMicroUsd: sum(outcomes.map(({ costMicroUsd }) => costMicroUsd)),
    planHash: first(outcomes.map(({ planHash }) => planHash)),
    handover: first(outcomes.map(({ handover }) => handover)),
  };
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

function first<T>(values: readonly (T | null)[]): T | null {
  return values.find((value) => value !== null) ?? null;
}
