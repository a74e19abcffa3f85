import { defineErrors } from "../base/errors.ts";

export const eventErrors = defineErrors({
  archived: {
    code: "SKN-5201",
    kind: "missing",
    title: "These events were archived.",
    cause: "Maintenance moved events older than the retention time out of the live log.",
    fix: "Ask for a later event, or read the archive that `skein maintain` wrote.",
  },
  ahead: {
    code: "SKN-5202",
    kind: "missing",
    title: "The log does not reach that far.",
    cause:
      "The number is of another project's log, or this log is shorter than it was, since it was restored from a backup or its database failed over to a standby that did not have the end yet: what came after is gone, and its numbers are given again.",
    fix: "Go on after the newest event, whose number the message tells; take what you know of later ones for gone.",
  },
  full: {
    code: "SKN-4201",
    kind: "conflict",
    title: "The project's log is full: no new work is begun.",
    cause:
      "`limits.events` bounds how much of a server the live log of one project takes. What is under way can be finished, renewed and given back.",
    fix: "Have somebody archive old events (`skein maintain --days N`) or raise the limit in the server's skein.yml; finish or release what you hold meanwhile.",
  },
  newerEvent: {
    code: "SKN-7201",
    kind: "unavailable",
    title: "An event was written by a newer Skein.",
    cause:
      "Another node or worktree runs a later version, whose events have a form that this one does not know.",
    fix: "Update Skein here to the same version.",
  },
  unreadable: {
    code: "SKN-0201",
    kind: "failed",
    title: "An event of the log cannot be read.",
    cause: "Its stored text was changed or cut by something else than Skein.",
    fix: "Run `skein audit verify`, which tells every place that was changed; then restore a backup.",
  },
});
