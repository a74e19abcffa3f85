import { resolve } from "node:path";
import { pruneAnswers } from "../../compose-recording.ts";
import type { Answer, Call } from "../command.ts";
import { withStore } from "../project.ts";
import { needOwnMachine } from "../within.ts";

const dayMs = 86_400_000;

/** `skein maintain`. */
export async function maintain(call: Call): Promise<Answer> {
  const { options } = call;
  const backup = backupOf(call);
  return withStore(call, async ({ skein, storeDir, settings }) => {
    const done = await skein.upkeep.maintain({
      archiveAfterMs: (options.number("days") ?? 90) * dayMs,
      backupFile: backup,
      vacuum: options.flag("vacuum"),
    });
    const prunedAnswers =
      storeDir === null ? 0 : await pruneAnswers(storeDir, settings.review.cacheMs);
    return {
      data: {
        expired: done.expired,
        settled_calls: done.settledCalls,
        pruned_metrics: done.prunedMetrics,
        archived_plans: done.archivedPlans,
        archived_tasks: done.archivedTasks,
        archived_events: done.archivedEvents,
        archives: done.archives,
        pruned_sessions: done.prunedSessions,
        pruned_leases: done.prunedLeases,
        pruned_messages: done.prunedMessages,
        pruned_approvals: done.prunedApprovals,
        pruned_reservations: done.prunedReservations,
        pruned_reviews: done.prunedReviews,
        pruned_tokens: done.prunedTokens,
        pruned_answers: prunedAnswers,
        backup: done.backup,
        tidied: done.isTidied,
      },
      lines: [
        `Expired ${String(done.expired)} claims, leases and sessions.`,
        ...(done.settledCalls === 0
          ? []
          : [
              `Charged ${String(done.settledCalls)} calls of models that nobody settled at their worst case.`,
            ]),
        ...(done.prunedMetrics === 0
          ? []
          : [`Forgot ${String(done.prunedMetrics)} hours of metrics older than 30 days.`]),
        `Archived ${String(done.archivedPlans)} plans, ${String(done.archivedTasks)} tasks and ${String(done.archivedEvents)} events.`,
        `Forgot ${String(done.prunedSessions)} sessions, ${String(done.prunedLeases)} leases, ${String(done.prunedMessages)} messages, ${String(done.prunedApprovals)} questions, ${String(done.prunedReservations)} reservations, ${String(done.prunedReviews)} reviews, ${String(done.prunedTokens)} tokens and ${String(prunedAnswers)} kept answers.`,
        ...done.archives.map((name) => `Wrote the archive ${name}.`),
        ...(done.backup === null ? [] : [`Wrote a backup to ${done.backup}.`]),
        ...(done.isTidied ? ["Tidied the database."] : []),
      ],
    };
  });
}

/** Where the copy goes; null: none is wanted. */
function backupOf({ io, options }: Call): string | null {
  const backup = options.text("backup");
  if (backup === null) {
    return null;
  }
  needOwnMachine(io.within, "A backup into a file");
  return resolve(io.cwd, backup);
}
