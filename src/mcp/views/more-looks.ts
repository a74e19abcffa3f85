import type { Approval } from "../../core/approvals/index.ts";
import { isCurrentScope } from "../../core/costs/index.ts";
import type { Budget } from "../../core/costs/index.ts";
import type { Looking, LookAt } from "./look.ts";
import { inboxView, messageView } from "./message-view.ts";
import { clip, isoTime, preview, usd } from "./text.ts";

/** Unread messages, which stay unread; or the thread of one message. */
export const lookAtInbox: LookAt = async (skein, { id, session }): Promise<Looking> =>
  skein.store.read(async (reader) => {
    if (id !== null) {
      const thread = await skein.messages.thread(reader, id);
      const named = thread.filter((message) => message.id === id);
      return {
        data: {
          count: thread.length,
          message: named.map((message) => messageView(message, 5_000)).at(0) ?? null,
          rows: thread.slice(-8).map((message) => messageView(message, 120)),
        },
        next: `Answer with send_message {thread: "${id}"}.`,
      };
    }
    const unread =
      session === null ? [] : await skein.messages.peek(reader, session, { limit: 20 });
    const count = session === null ? 0 : await skein.messages.unread(reader, session);
    return {
      data: { count, rows: inboxView(unread, 6_000) },
      next: 'next_task marks them read; look {at: "inbox", id} shows one whole.',
    };
  });

/** What was spent, by plan, session and model, and what the budgets say. */
export const lookAtCosts: LookAt = async (skein): Promise<Looking> =>
  skein.store.read(async (reader) => {
    const total = await skein.costs.total(reader);
    const sums = async (by: "plan" | "session" | "model") => {
      const rows = await skein.costs.totals(reader, by);
      return preview(
        rows,
        ({ name, microUsd }) => ({ name: clip(name, 60), usd: usd(microUsd) }),
        8,
      );
    };
    return {
      data: {
        total_usd: usd(total.microUsd),
        retries_usd: usd(total.retryMicroUsd),
        failed_usd: usd(total.failedMicroUsd),
        budgets: preview(
          (await skein.costs.budgets(reader)).filter(({ scope }) =>
            isCurrentScope(scope, reader.nowMs),
          ),
          budgetRow,
          10,
        ),
        by_plan: await sums("plan"),
        by_session: await sums("session"),
        by_model: await sums("model"),
      },
      next: "Report usage with update_task or finish_task.",
    };
  });

function budgetRow(budget: Budget) {
  return {
    scope: clip(budget.scope, 100),
    limit_usd: usd(budget.limitMicroUsd),
    spent_usd: usd(budget.spentMicroUsd),
    reserved_usd: usd(budget.reservedMicroUsd),
    hard: budget.isHard,
  };
}

/** Open questions to people, and the caller's own that were answered lately. */
export const lookAtApprovals: LookAt = async (skein, { session }): Promise<Looking> =>
  skein.store.read(async (reader) => {
    const open = await skein.approvals.open(reader);
    const own = session === null ? [] : await skein.approvals.ofSession(reader, session.id);
    const answered = own.filter(({ state }) => state !== "open");
    return {
      data: { open: preview(open, questionRow, 10), yours: preview(answered, questionRow, 5) },
      next: "People answer with `skein approve`; ask_human {id} waits for an answer.",
    };
  });

function questionRow({ id, session, question, options, state, answer, deadlineMs }: Approval) {
  return {
    id,
    by: session,
    state,
    question: clip(question, 160),
    options: options.map((option) => clip(option, 30)),
    answer: answer === null ? null : clip(answer, 200),
    deadline: isoTime(deadlineMs),
  };
}
