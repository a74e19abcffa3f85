import * as z from "zod";
import { usualDeadlineMs } from "../../core/approvals/index.ts";
import type { Approval } from "../../core/approvals/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type { Json } from "../../core/base/json.ts";
import type { Standing } from "../../core/dispatch/index.ts";
import type { Skein } from "../../core/index.ts";
import type { Reader, Transaction } from "../../core/store/index.ts";
import { mcpErrors } from "../errors.ts";
import { keyField, sessionField, taskField, waitField, waitMsOf } from "../fields.ts";
import { inSession } from "../in-session.ts";
import { defineTool } from "../tool.ts";
import type { ToolCall } from "../tool.ts";
import { timeShape } from "../views/shapes.ts";
import { clip, isoTime } from "../views/text.ts";

const input = z.strictObject({
  session: sessionField,
  question: z.string().min(1).max(4_096).optional(),
  options: z.array(z.string().min(1).max(200)).max(8).optional(),
  task: taskField.optional(),
  deadline_minutes: z.number().min(5).max(10_080).optional(),
  id: z.string().max(40).describe("A3: ask for the answer to an earlier question").optional(),
  wait_seconds: waitField,
  key: keyField,
});

type Input = z.output<typeof input>;

export const askHuman = defineTool({
  name: "ask_human",
  title: "Ask a person",
  description:
    "Puts a question to a person: in this client if it can, else it waits until somebody answers (`skein approve`). state open: ask again later with the id. Your claims do not expire meanwhile.",
  effect: "appends",
  input,
  output: z.strictObject({
    session: z.string(),
    id: z.string(),
    state: z.enum(["open", "answered", "expired", "withdrawn"]),
    question: z.string(),
    answer: z.string().nullable(),
    deadline: timeShape,
    next: z.string(),
  }),
  run: async (skein, given, call) => {
    const { standing, approval } = await openQuestion(skein, given, call);
    const settled =
      approval.state === "open" ? await settle(skein, approval, { given, call }) : approval;
    const { id, state, question, answer, deadlineMs } = settled;
    return {
      session: standing.handle,
      id,
      state,
      question: clip(question, 1_000),
      answer: answer === null ? null : clip(answer, 2_000),
      deadline: isoTime(deadlineMs),
      next: nextOf(settled),
    };
  },
});

interface OpenQuestion {
  readonly standing: Standing;
  readonly approval: Approval;
}

/** The question that is asked now, or the caller's earlier one. */
async function openQuestion(
  skein: Skein,
  given: Input,
  { caller }: ToolCall,
): Promise<OpenQuestion> {
  const { id, question } = given;
  if ((id === undefined) === (question === undefined)) {
    throw new SkeinError(mcpErrors.nothingGiven, {
      message: "Give either a `question`, or the `id` of an earlier one.",
    });
  }
  if (id !== undefined) {
    const standing = await skein.dispatch.identify(caller);
    return { standing, approval: await ownQuestion(skein, id, standing) };
  }
  const { session: _, wait_seconds: __, key = null, ...args } = given;
  const call = { caller, key, operation: "ask_human", args: JSON.stringify(args) };
  const { standing, result } = await inSession(skein, call, async (tx, { session }) => {
    const task = given.task ?? null;
    const about = task === null ? null : await skein.plans.resolve(tx, task, session.id);
    const approval = await ask(skein, tx, { given, asker: session.id, about });
    return approval.id;
  });
  return { standing, approval: await ownQuestion(skein, idOf(result), standing) };
}

function idOf(result: Json): string {
  return typeof result === "string" ? result : "";
}

interface Asked {
  readonly given: Input;
  readonly asker: Approval["session"];
  readonly about: { readonly plan: string; readonly id: string } | null;
}

async function ask(
  skein: Skein,
  tx: Transaction,
  { given, asker, about }: Asked,
): Promise<Approval> {
  const { question = "", options = [], deadline_minutes: minutes } = given;
  return skein.approvals.ask(tx, {
    session: asker,
    plan: about?.plan ?? null,
    task: about?.id ?? null,
    question,
    options,
    deadlineInMs:
      minutes === undefined
        ? usualDeadlineMs(await stepsAround(skein, tx, { given, asker, about }))
        : Math.round(minutes * 60_000),
  });
}

/** How many tasks the plan has that the question is about: that of its task, else that of the task in its asker's hands; 0 without either. */
async function stepsAround(
  { plans }: Skein,
  reader: Reader,
  { about, asker }: Asked,
): Promise<number> {
  const task = about ?? (await plans.taskHeldBy(reader, asker));
  return task === null ? 0 : sum(Object.values(await plans.counts(reader, task.plan)));
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** @throws {SkeinError} SKN-5901 for an unknown id, SKN-3902 for the question of another session. */
async function ownQuestion(skein: Skein, id: string, { session }: Standing): Promise<Approval> {
  const approval = await skein.store.read((reader) => skein.approvals.get(reader, id));
  if (approval === null) {
    throw new SkeinError(mcpErrors.nothingThere, {
      message: `There is no question ${clip(id, 40)}.`,
    });
  }
  if (approval.session !== session.id && !session.ancestors.includes(approval.session)) {
    throw new SkeinError(mcpErrors.notYourQuestion);
  }
  return approval;
}

interface Settling {
  readonly given: Input;
  readonly call: ToolCall;
}

/** Asks the person at the client, if there is one; else waits for whoever answers. */
async function settle(
  skein: Skein,
  approval: Approval,
  { given, call }: Settling,
): Promise<Approval> {
  const { id, question, options } = approval;
  const waitMs = waitMsOf(given.wait_seconds);
  const told = await call.askPerson?.({
    id,
    text: question,
    options,
    waitMs: waitMs || waitMsOf(45),
  });
  if (told?.kind === "asked" && told.answer !== null) {
    const { answer } = told;
    const outcome = await skein.store.write((tx) =>
      skein.approvals.answer(tx, id, { answer, by: call.person }),
    );
    return outcome.approval;
  }
  return told?.kind === "later" ? approval : waitForAnswer(skein, approval, { waitMs, call });
}

async function waitForAnswer(
  skein: Skein,
  approval: Approval,
  { waitMs, call }: { readonly waitMs: number; readonly call: ToolCall },
): Promise<Approval> {
  return skein.dispatch.waitFor(
    { waitMs, signal: call.signal, untried: { value: approval } },
    async () => {
      const found = await skein.store.read(async (reader) => {
        await call.caller.ensureAdmitted?.(reader);
        return skein.approvals.get(reader, approval.id);
      });
      const value = found ?? approval;
      return { isFinal: value.state !== "open", value, againInMs: null };
    },
  );
}

function nextOf({ id, state }: Approval): string {
  switch (state) {
    case "open":
      return `Nobody has answered yet. Do something else, then ask_human {id: "${id}", wait_seconds: 45}.`;
    case "answered":
      return "Act on the answer.";
    case "expired":
      return "Nobody answered in time. Choose the safe way, or ask again.";
    case "withdrawn":
      return "The question was taken back.";
    default:
      return state satisfies never;
  }
}
