import { isoTime } from "../../core/base/iso.ts";
import type { JsonObject } from "../../core/base/json.ts";
import { endingSoon, readBoard, redItems } from "../board.ts";
import type { Board } from "../board.ts";
import { boardLines } from "../board-lines.ts";
import type { Answer, Call } from "../command.ts";
import { withStore } from "../project.ts";
import { approvalData, leaseData, planData, sessionData, taskData, usd } from "../views.ts";
import { readWaits } from "../waits.ts";
import type { Wait } from "../waits.ts";

/** `skein status`. */
export async function status(call: Call): Promise<Answer> {
  return withStore(call, async ({ skein }) => {
    const board = await readBoard(skein);
    const waits = await readWaits(skein, board, 8);
    return {
      data: boardData(board, waits),
      lines: boardLines(board, waits, { hasColor: call.globals.color, most: 12, columns: null }),
    };
  });
}

/** The board for programs. */
export function boardData(board: Board, waits: readonly Wait[]): JsonObject {
  return {
    at: isoTime(board.nowMs),
    last_event: board.lastSeq,
    needs_person: redItems(board).map(({ text, next }) => ({ text, next })),
    plans: board.plans.map(({ plan, counts }) => ({ ...planData(plan), counts: { ...counts } })),
    sessions: board.sessions.map(({ session, state }) => sessionData(session, state)),
    claims: board.claimed.map(taskData),
    submitted: board.submitted.map(taskData),
    leases: board.leases.length,
    leases_ending_soon: endingSoon(board).map(leaseData),
    waiting: waits.map(({ task, why }) => ({ task, why })),
    questions: board.questions.map(approvalData),
    spent_usd: usd(board.spentMicroUsd),
    budgets: board.budgets.map((budget) => ({
      scope: budget.scope,
      limit_usd: usd(budget.limitMicroUsd),
      hard: budget.isHard,
      reserved_usd: usd(budget.reservedMicroUsd),
      spent_usd: usd(budget.spentMicroUsd),
    })),
  };
}
