import { relative, sep } from "node:path";
import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";
import { root } from "./run.ts";

/** The test files that take longest on two cores, the longest first. Most of them wait for programs or clocks, while others compute. */
export const longest: readonly string[] = [
  "test/property/histories.test.ts",
  "test/chaos/kills.test.ts",
  "test/e2e/action-faults.test.ts",
  "test/cli/doctor-faults.test.ts",
  "test/e2e/action-review.test.ts",
  "test/bot/sweep-faults.test.ts",
  "test/e2e/action-database.test.ts",
  "test/cli/doctor.test.ts",
  "test/property/clocks.test.ts",
  "test/chaos/planted-bugs.test.ts",
  "test/e2e/action-rules.test.ts",
  "test/e2e/bot-process.test.ts",
  "test/chaos/claim-race.test.ts",
  "test/property/interleavings.test.ts",
  "test/security/github-hostile.test.ts",
  "test/contract/dispatch.contract.test.ts",
  "test/e2e/decomposition.test.ts",
  "test/e2e/bot-review.test.ts",
  "test/chaos/serve-wedge.test.ts",
  "test/chaos/postgres-network.test.ts",
  "test/e2e/action-plan.test.ts",
  "test/e2e/team-fleet.test.ts",
  "test/chaos/event-streams.test.ts",
  "test/chaos/fences.test.ts",
  "test/chaos/store-storm.test.ts",
  "test/e2e/demo.test.ts",
  "test/cli/guard/guard.test.ts",
  "test/chaos/bus.test.ts",
  "test/chaos/store-backup.test.ts",
  "test/e2e/elected-leader.test.ts",
  "test/chaos/linearizability.test.ts",
  "test/cli/rules.test.ts",
  "test/adapters/leading/channel.test.ts",
  "test/security/terminal.test.ts",
  "test/contract/crowd-of-waiters.contract.test.ts",
  "test/adapters/github/code-host.test.ts",
  "test/e2e/fleet.test.ts",
  "test/bot/plan-stages.test.ts",
  "test/cli/review-outage.test.ts",
];

/**
 * Files that have their modules for themselves run first, then those that share them, project by project: a worker keeps the modules only from
 * one file to the next of the same project. Among each the longest first, so that none begins when the others are done.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- that of vitest, no list's.
    const usual = await super.sort(files);
    const sharing = [
      ...new Set(usual.map(({ project }) => project).filter(({ config }) => !config.isolate)),
    ];
    return usual.toSorted(
      (one, other) =>
        sharing.indexOf(one.project) - sharing.indexOf(other.project) ||
        placeOf(one) - placeOf(other),
    );
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const at = longest.indexOf(relative(root, moduleId).replaceAll(sep, "/"));
  return at === -1 ? longest.length : at;
}
