import { resolve } from "node:path";
import { createGit } from "../../adapters/git/index.ts";
import { isAnchoring, openAudit } from "../../compose-audit.ts";
import { pruneAnswers } from "../../compose-recording.ts";
import type { Anchored } from "../../core/audit/index.ts";
import type { JsonObject } from "../../core/base/json.ts";
import type { MaintenanceReport } from "../../core/upkeep/index.ts";
import type { Answer, Call } from "../command.ts";
import { withStore } from "../project.ts";
import type { StoredProject } from "../project.ts";
import { needOwnMachine } from "../within.ts";
import { counted } from "../counted.ts";

const dayMs = 86_400_000;

/** `skein maintain`. */
export async function maintain(call: Call): Promise<Answer> {
  const { options } = call;
  const backup = backupOf(call);
  return withStore(call, async ({ skein, storeDir, settings, repository }) => {
    const done = await skein.upkeep.maintain({
      archiveAfterMs: (options.number("days") ?? settings.audit.retentionDays) * dayMs,
      backupFile: backup,
      vacuum: options.flag("vacuum"),
    });
    const anchored = await anchorLog({ skein, settings, repository }, call);
    const prunedAnswers =
      storeDir === null ? 0 : await pruneAnswers(storeDir, settings.review.cacheMs);
    return {
      data: dataOf(done, { prunedAnswers, anchored }),
      lines: linesOf(done, { prunedAnswers, anchored }),
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

/** The anchor of today, where the project has anchors; null where there is none to make. A server makes its own by itself. */
async function anchorLog(
  { skein, settings, repository }: Omit<StoredProject, "storeDir">,
  { io }: Call,
): Promise<Anchored | null> {
  const { env } = io;
  const git = repository === null ? null : createGit({ cwd: repository.root, env });
  const auditing = { skein, settings: settings.audit, env, git };
  return io.within === undefined && isAnchoring(auditing)
    ? (await openAudit(auditing)).anchor()
    : null;
}

interface DoneBeside {
  readonly prunedAnswers: number;
  readonly anchored: Anchored | null;
}

function dataOf(done: MaintenanceReport, { prunedAnswers, anchored }: DoneBeside): JsonObject {
  return {
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
    anchored: anchored?.kind ?? null,
    backup: done.backup,
    tidied: done.isTidied,
  };
}

function linesOf(
  done: MaintenanceReport,
  { prunedAnswers, anchored }: DoneBeside,
): readonly string[] {
  const isAnchored = anchored?.kind === "anchored";
  return [
    `Expired claims, leases and sessions: ${String(done.expired)}.`,
    ...(done.settledCalls === 0
      ? []
      : [
          `Charged ${counted(done.settledCalls, "call")} of models that nobody settled at the worst case.`,
        ]),
    ...(done.prunedMetrics === 0
      ? []
      : [`Forgot ${counted(done.prunedMetrics, "hour")} of metrics older than 30 days.`]),
    `Archived ${counted(done.archivedPlans, "plan")}, ${counted(done.archivedTasks, "task")} and ${counted(done.archivedEvents, "event")}.`,
    `Forgot ${counted(done.prunedSessions, "session")}, ${counted(done.prunedLeases, "lease")}, ${counted(done.prunedMessages, "message")}, ${counted(done.prunedApprovals, "question")}, ${counted(done.prunedReservations, "reservation")}, ${counted(done.prunedReviews, "review")}, ${counted(done.prunedTokens, "token")} and ${counted(prunedAnswers, "kept answer")}.`,
    ...done.archives.map((name) => `Wrote the archive ${name}.`),
    ...(isAnchored ? [`Anchored the log at event ${String(anchored.anchor?.head.seq ?? 0)}.`] : []),
    ...(done.backup === null ? [] : [`Wrote a backup to ${done.backup}.`]),
    ...(done.isTidied ? ["Tidied the database."] : []),
  ];
}
