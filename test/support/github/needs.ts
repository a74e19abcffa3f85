import type { Need } from "./replies.ts";

/** The rights of GitHub's routes, by what the documentation of each says. */
export const needs = {
  metadata: { scope: "metadata", level: "read", role: "read" },
  readIssues: { scope: "issues", level: "read", role: "read", orPulls: true },
  writeIssues: { scope: "issues", level: "write", role: "read", orPulls: true },
  triageIssues: { scope: "issues", level: "write", role: "triage", orPulls: true },
  readPulls: { scope: "pull_requests", level: "read", role: "read" },
  writePulls: { scope: "pull_requests", level: "write", role: "read" },
  managePulls: { scope: "pull_requests", level: "write", role: "write" },
  readContents: { scope: "contents", level: "read", role: "read" },
  writeContents: { scope: "contents", level: "write", role: "write" },
  readChecks: { scope: "checks", level: "read", role: "read" },
  writeChecks: { scope: "checks", level: "write", role: "write" },
  readStatuses: { scope: "statuses", level: "read", role: "read" },
  writeStatuses: { scope: "statuses", level: "write", role: "write" },
  readAlerts: { scope: "security_events", level: "read", role: "write" },
  writeAlerts: { scope: "security_events", level: "write", role: "write" },
  pushers: { scope: "metadata", level: "read", role: "write" },
} as const satisfies Readonly<Record<string, Need>>;
