import type { Approval } from "../approvals/index.ts";
import { minuteText } from "../base/iso.ts";
import { quotedWords } from "../base/text.ts";
import { together } from "../base/together.ts";
import type { SubmittedTask, SubmittedWork, Task, TaskCounts, TaskKey } from "../plans/index.ts";
import type { Reader } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";
import type { Awaited } from "./request.ts";

/** What others have to do before more of the plan may begin, with a sentence on each. */
export interface AwaitedWork extends Awaited {
  readonly reasons: readonly string[];
}

export const nothingAwaited: AwaitedWork = {
  toIntegrate: 0,
  toAccept: 0,
  toAnswer: 0,
  toRetry: 0,
  reasons: [],
};

/** Among so many submitted tasks are those that are named. */
const mostLooked = 200;

/** So many sessions with open questions are asked about. */
const mostAskers = 10;

/** So many are named in a sentence. */
const mostNamed = 3;

/** What brings submitted work on, where no process watches for it. */
export const landsIt =
  "Wait until it has landed: `skein integrate` lands it, `skein integrate --watch` whatever comes.";

/** What brings integrated work on whose plan says `verify: lead`. */
export function acceptsIt(task: string): string {
  return `A lead, a manager or a person accepts it: \`skein task verify ${task}\`.`;
}

/** Tells what submitted work waits for, which claimed tasks wait for a person's answer, and what failed for good. */
export async function readAwaited(
  deps: Pick<DispatchDeps, "plans" | "approvals">,
  reader: Reader,
  { plan, counts }: { readonly plan: string | null; readonly counts: TaskCounts },
): Promise<AwaitedWork> {
  const [submitted, held, failed] = await together([
    counts.submitted === 0
      ? nothingSubmitted
      : deps.plans.submitted(reader, { plan, limit: mostLooked }),
    counts.claimed === 0 ? none : heldByAskers(deps, reader, plan),
    counts.failed === 0 ? none : deps.plans.failed(reader, { plan, limit: mostNamed }),
  ]);
  const { tasks, landedCount: toAccept } = submitted;
  const toIntegrate = counts.submitted - toAccept;
  return {
    toIntegrate,
    toAccept,
    toAnswer: held.length,
    toRetry: counts.failed,
    reasons: [
      ...integrateTexts(
        tasks.filter(({ isLanded }) => !isLanded),
        toIntegrate,
      ),
      ...acceptTexts(
        tasks.filter(({ isLanded }) => isLanded),
        toAccept,
      ),
      ...held.map((each) => questionText(each, reader.nowMs)),
      ...retryTexts(failed, counts),
    ],
  };
}

const none: Promise<readonly never[]> = Promise.resolve([]);

const nothingSubmitted: Promise<SubmittedWork> = Promise.resolve({ tasks: [], landedCount: 0 });

/** A claimed task whose session waits for a person, with its oldest question. */
interface HeldByAsker {
  readonly task: Task;
  readonly question: Approval;
}

async function heldByAskers(
  { plans, approvals }: Pick<DispatchDeps, "plans" | "approvals">,
  reader: Reader,
  plan: string | null,
): Promise<readonly HeldByAsker[]> {
  const held = await together(
    askersOf(await approvals.open(reader)).map(async (question) => {
      const task = await plans.taskHeldBy(reader, question.session);
      return task === null || (plan !== null && task.plan !== plan) ? [] : [{ task, question }];
    }),
  );
  return held.flat();
}

/** The oldest question of each session: those about a task come first, since sessions without one may ask as much as they like. */
function askersOf(open: readonly Approval[]): readonly Approval[] {
  const first = new Map<string, Approval>();
  for (const isOfTask of [true, false]) {
    for (const question of open.filter(({ task }) => (task !== null) === isOfTask)) {
      if (first.size < mostAskers && !first.has(question.session)) {
        first.set(question.session, question);
      }
    }
  }
  return [...first.values()];
}

function integrateTexts(tasks: readonly SubmittedTask[], count: number): readonly string[] {
  if (tasks.length === 0) {
    return [];
  }
  const [verb, them] = count === 1 ? ["waits", "it"] : ["wait", "them"];
  return [
    `${namesOf(tasks, count)} ${verb} to be integrated: a person's \`skein integrate\` lands ${them}, \`skein integrate --watch\` whatever comes.`,
  ];
}

function acceptTexts(tasks: readonly SubmittedTask[], count: number): readonly string[] {
  const [first] = tasks;
  if (first === undefined) {
    return [];
  }
  const verb = count === 1 ? "is integrated and waits" : "are integrated and wait";
  return [
    `${namesOf(tasks, count)} ${verb} for a lead, a manager or a person to accept: \`skein task verify ${first.plan}/${first.id}\`.`,
  ];
}

function retryTexts(tasks: readonly TaskKey[], { failed, blocked }: TaskCounts): readonly string[] {
  const [first] = tasks;
  if (first === undefined) {
    return [];
  }
  const behind = blocked === 0 ? "" : ` (${String(blocked)} blocked)`;
  return [
    `${namesOf(tasks, failed)} failed for good${behind}: a person's \`skein task retry ${first.plan}/${first.id}\` queues it again.`,
  ];
}

function namesOf(tasks: readonly TaskKey[], count: number): string {
  const names = tasks.slice(0, mostNamed).map(({ plan, id }) => `${plan}/${id}`);
  const rest = count - names.length;
  const words = rest === 0 ? names : [...names, `${String(rest)} more`];
  return words.length === 1
    ? words.join("")
    : `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}

function questionText({ task, question }: HeldByAsker, nowMs: number): string {
  const { id, session, deadlineMs } = question;
  return `${task.plan}/${task.id} waits for a person to answer ${session} until ${minuteText(deadlineMs, nowMs)}: \`skein approve ${id} --answer TEXT\`. It asks ${quotedWords(question.question, 80)}.`;
}
