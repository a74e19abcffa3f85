import { decideApprovals } from "./kinds/approvals.ts";
import { decideBranchName } from "./kinds/branch-name.ts";
import { decideFences } from "./kinds/fences.ts";
import { decideLabels } from "./kinds/labels.ts";
import { decideLeases } from "./kinds/leases.ts";
import { decideLockfile } from "./kinds/lockfile.ts";
import { decideProtectedPaths } from "./kinds/protected-paths.ts";
import { decideSecrets } from "./kinds/secrets.ts";
import { decideSize } from "./kinds/size.ts";
import { decideTargetBranch } from "./kinds/target-branch.ts";
import { decideTaskLink } from "./kinds/task-link.ts";
import { decideTrailers } from "./kinds/trailers.ts";
import type { Policy, RuleChoice } from "./policy.ts";
import type { Verdict } from "./rule.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a rule is judged by. */
export interface Judging {
  readonly policy: Policy;
  readonly snapshot: Snapshot;
}

/** The choice of one kind. */
export type ChoiceOf<K extends RuleChoice["kind"]> = Extract<RuleChoice, { readonly kind: K }>;

type Deciders = {
  readonly [K in RuleChoice["kind"]]: (choice: ChoiceOf<K>, judging: Judging) => Verdict;
};

/** Every rule by its kind. */
const deciders: Deciders = {
  branch_name: decideBranchName,
  target_branch: decideTargetBranch,
  protected_paths: decideProtectedPaths,
  approvals: decideApprovals,
  task_link: decideTaskLink,
  size: decideSize,
  trailers: decideTrailers,
  fences: decideFences,
  leases: decideLeases,
  labels: decideLabels,
  secrets: decideSecrets,
  lockfile: decideLockfile,
};

/** Judges one rule. */
export function decide<K extends RuleChoice["kind"]>(choice: ChoiceOf<K>, at: Judging): Verdict {
  const decider: Deciders[K] = deciders[choice.kind];
  return decider(choice, at);
}
