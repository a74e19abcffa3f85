import type { StoredProject } from "../project.ts";
import { keptAnswer } from "../../core/approvals/index.ts";
import type { Approval } from "../../core/approvals/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { minuteText } from "../../core/base/iso.ts";
import type { Answer, Call } from "../command.ts";
import { cliErrors } from "../errors.ts";
import { didYouMean } from "../program.ts";
import { whoCalls, withStore } from "../project.ts";
import { shellWord } from "../shell-word.ts";
import { approvalData, clip } from "../views.ts";

/** `skein approve [A3 --answer TEXT]`: without an id, the open questions. */
export async function approve(call: Call): Promise<Answer> {
  const [id] = call.args;
  return withStore(call, async (project) =>
    id === undefined ? listOpen(project) : answerOne(call, project, id),
  );
}

async function listOpen({ skein }: StoredProject): Promise<Answer> {
  const { open, nowMs } = await skein.store.read(async (reader) => ({
    open: await skein.approvals.open(reader),
    nowMs: reader.nowMs,
  }));
  return {
    data: { questions: open.map(approvalData) },
    lines:
      open.length === 0
        ? ["No open questions."]
        : open.flatMap((each) => [questionLine(each, nowMs), ...answerHints(each)]),
  };
}

function questionLine({ id, session, question, deadlineMs }: Approval, nowMs: number): string {
  return `${id} ${session} asks, until ${minuteText(deadlineMs, nowMs)}: ${clip(question, 300)}`;
}

/** A line for each answer, to be run as it stands. */
function answerHints({ id, options }: Approval): readonly string[] {
  const answers = options.length === 0 ? ["TEXT"] : options.map(shellWord);
  return answers.map((answer) => `    skein approve ${id} --answer ${answer}`);
}

async function answerOne(call: Call, project: StoredProject, id: string): Promise<Answer> {
  const approval = await needOpen(project, id);
  if (call.options.flag("extend")) {
    return extend(call, project, approval);
  }
  const answer = await answerFor(call, approval);
  const { actor } = await whoCalls(call, project);
  if (call.options.flag("dryRun")) {
    const kept = keptAnswer(approval, { answer, by: actor });
    return {
      data: { dry_run: true, question: approvalData(approval), answer: kept },
      lines: [`Would answer ${id} with ${JSON.stringify(kept)}. Nothing was changed.`],
    };
  }
  const outcome = await project.skein.store.write((tx) =>
    project.skein.approvals.answer(tx, id, { answer, by: actor }),
  );
  if (outcome.kind === "over") {
    throw noQuestion(id, overText(outcome.approval));
  }
  return {
    data: { question: approvalData(outcome.approval) },
    lines: [`${id} is answered with ${JSON.stringify(outcome.approval.answer)}.`],
  };
}

async function extend(call: Call, project: StoredProject, { id }: Approval): Promise<Answer> {
  const { actor } = await whoCalls(call, project);
  const { kind, approval, nowMs } = await project.skein.store.write(async (tx) => ({
    ...(await project.skein.approvals.extend(tx, id, actor)),
    nowMs: tx.nowMs,
  }));
  const until = minuteText(approval.deadlineMs, nowMs);
  return {
    data: { extended: kind === "extended", question: approvalData(approval) },
    lines: [
      kind === "extended"
        ? `${id} stays open until ${until}.`
        : `${id} was put off once before; it stays open until ${until}.`,
    ],
    exitCode: kind === "extended" ? 0 : 5,
  };
}

async function needOpen({ skein }: StoredProject, id: string): Promise<Approval> {
  const { approval, open } = await skein.store.read(async (reader) => ({
    approval: await skein.approvals.get(reader, id),
    open: await skein.approvals.open(reader),
  }));
  if (approval !== null && approval.state === "open") {
    return approval;
  }
  const message =
    approval === null ? `There is no question ${JSON.stringify(id)}.` : overText(approval);
  throw didYouMean(
    noQuestion(id, message),
    id,
    open.map((each) => each.id),
  );
}

/** What became of a question; whoever answers late is told what was answered. */
function overText({ id, state, answer }: Approval): string {
  const what = answer === null ? "" : `, with ${JSON.stringify(clip(answer, 120))}`;
  return `${id} is ${state} already${what}.`;
}

function noQuestion(id: string, message: string): SkeinError {
  return new SkeinError(cliErrors.noQuestion, { message, facts: { question: id } });
}

async function answerFor(call: Call, { id, question, options }: Approval): Promise<string> {
  const given = call.options.text("answer");
  if (given !== null) {
    return given;
  }
  if (call.globals.input) {
    const choices = options.length === 0 ? "" : ` (${options.join(" / ")})`;
    return (await call.io.ask(`${clip(question, 300)}${choices} `)).trim();
  }
  throw new SkeinError(cliErrors.missingArgument, {
    message: `${id} needs an answer.`,
    fix: `Add \`--answer ${options[0] === undefined ? "TEXT" : shellWord(options[0])}\`.`,
    facts: { question: id, options },
  });
}
