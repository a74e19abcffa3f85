import type { ReviewPolicy } from "../../src/core/pull-reviews/index.ts";

export function aPolicy(policy: Partial<ReviewPolicy> = {}): ReviewPolicy {
  return {
    on: "pushes",
    drafts: false,
    allowBots: [],
    failOn: [],
    required: false,
    maxComments: 30,
    severityFloor: "low",
    sticky: true,
    pullRequestLimit: null,
    runLimit: 500_000,
    isDryRun: false,
    ...policy,
  };
}
