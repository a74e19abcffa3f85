import type { TokenPermissions } from "../../adapters/github/index.ts";
import type { HandlerName } from "../dispatch.ts";

/** All that a run of the App may do. */
const runPermissions = {
  metadata: "read",
  contents: "read",
  issues: "write",
  pull_requests: "write",
  checks: "write",
} as const satisfies TokenPermissions;

/**
 * All that the App may do. A permission more is a decision of its own, and a test counts them. GitHub tells of merge queues only who may read them; no
 * run does.
 */
export const appPermissions = {
  ...runPermissions,
  merge_queues: "read",
} as const satisfies TokenPermissions;

/** What the App is told of. */
export const appEvents = [
  "check_run",
  "issue_comment",
  "issues",
  "merge_group",
  "pull_request",
  "pull_request_review_comment",
  "push",
] as const;

/** Where GitHub delivers events: Probot's own place. */
export const webhookPath = "/api/github/webhooks";

/** What one run of a handler needs of the App's permissions. */
const needs: Readonly<Record<HandlerName, TokenPermissions>> = {
  rules: {
    contents: "read",
    issues: "read",
    pull_requests: "read",
    checks: "write",
  },
  review: { contents: "read", issues: "write", pull_requests: "write", checks: "write" },
  plan: { contents: "read", issues: "write" },
  command: runPermissions,
  closed: { contents: "read", issues: "write", pull_requests: "read" },
  tasks: { contents: "read", issues: "write", checks: "read" },
  schedule: runPermissions,
};

/** What a run of these handlers needs together; the higher level counts. */
export function permissionsOf(names: readonly HandlerName[]): TokenPermissions {
  const merged = new Map<string, "read" | "write">([["metadata", "read"]]);
  for (const [key, level] of names.flatMap((name) => Object.entries(needs[name]))) {
    merged.set(key, merged.get(key) === "write" ? "write" : level);
  }
  return Object.fromEntries(merged);
}

/** The App's description as GitHub's "create from a manifest" takes it. */
export function appManifest(publicUrl: string): object {
  const base = publicUrl.replace(/\/+$/u, "");
  return {
    name: "Skein",
    url: base,
    description:
      "Keeps many coding agents in formation: plans issues, reviews pull requests, watches rules.",
    hook_attributes: { url: `${base}${webhookPath}`, active: true },
    public: false,
    default_permissions: appPermissions,
    default_events: appEvents,
  };
}
