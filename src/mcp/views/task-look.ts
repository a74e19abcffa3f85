import type { Why } from "../../core/dispatch/index.ts";
import type { Attempt, Task } from "../../core/plans/index.ts";
import type { Skein } from "../../core/index.ts";
import type { Look, Looking, LookAt } from "./look.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { mcpErrors } from "../errors.ts";
import { bytesOf, clip, clipToBytes, isoOrNull, isoTime, usd } from "./text.ts";

/**
 * One task: where it stands, why it waits, its attempts and its spec. A spec that is longer than one answer is read on with
 * `since`: so many of its characters are skipped.
 */
export const lookAtTask: LookAt = async (skein, look): Promise<Looking> => {
  const { id, since, caller } = look;
  const name = id ?? (await heldTask(skein, look));
  const why = await skein.dispatch.why(name, caller);
  const attempts = await skein.store.read((reader) => skein.plans.attemptsOf(reader, why.task));
  const rest = {
    ...factsOf(why),
    attempts: attempts.slice(-5).map((attempt) => attemptRow(attempt)),
  };
  const from = since ?? 0;
  const spec = clipToBytes(why.task.spec.slice(from), look.roomBytes - 700 - bytesOf(rest));
  const readTo = from + spec.length;
  const isCut = readTo < why.task.spec.length;
  return {
    data: { ...rest, spec },
    next: isCut
      ? `The spec goes on: look {at: "task", id: "${name}", since: ${String(readTo - 1)}}.`
      : hintOf(why),
  };
};

async function heldTask(skein: Skein, { session }: Look): Promise<string> {
  const held =
    session === null
      ? null
      : await skein.store.read((reader) => skein.plans.taskHeldBy(reader, session.id));
  if (held === null) {
    throw new SkeinError(mcpErrors.nothingThere, {
      message: "You hold no task; name one with id.",
      fix: 'Give id: "T1" or "PLAN/T1".',
    });
  }
  return `${held.plan}/${held.id}`;
}

function factsOf({ task, isReady, score, reasons }: Why): Readonly<Record<string, unknown>> {
  return {
    ...identityOf(task),
    is_ready: isReady,
    score: score / 10,
    why: reasons.slice(0, 6).map(({ code, text, next }) => ({
      code,
      text: clip(text, 240),
      next: next === null ? null : clip(next, 160),
    })),
    note: clipOrNull(task.note, 300),
    summary: clipOrNull(task.summary, 300),
    reason: clipOrNull(task.reason, 200),
    commit: task.commit,
    integrated_commit: task.integratedCommit,
    spent_usd: usd(task.spentMicroUsd),
    not_before: isoOrNull(task.notBeforeMs),
  };
}

function identityOf(task: Task): Readonly<Record<string, unknown>> {
  return {
    id: task.id,
    plan: task.plan,
    title: clip(task.title, 200),
    status: task.status,
    by: task.session,
    percent: task.percent,
    priority: task.priority,
    minutes: task.minutes,
    files: task.files.slice(0, 20).map((file) => clip(file, 100)),
    depends_on: task.dependsOn.slice(0, 20).map((one) => clip(one, 64)),
    accept: task.accept.slice(0, 6).map((one) => clip(one, 160)),
  };
}

function attemptRow({ number, session, startedAtMs, endedAtMs, outcome, cause, summary }: Attempt) {
  return {
    number,
    by: session,
    from: isoTime(startedAtMs),
    to: isoOrNull(endedAtMs),
    outcome,
    cause,
    summary: clipOrNull(summary, 120),
  };
}

function clipOrNull(text: string | null, most: number): string | null {
  return text === null ? null : clip(text, most);
}

function hintOf({ task, isReady, reasons }: Why): string {
  if (isReady) {
    return `It can be claimed: next_task {task: "${task.plan}/${task.id}"}.`;
  }
  return reasons[0]?.next ?? "Call next_task for other work.";
}
