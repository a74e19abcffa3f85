import type { Tier } from "../../core/sessions/index.ts";
import { parsePathPattern, patternMatches } from "../../core/leases/index.ts";
import type { BranchSettings } from "../../settings.ts";
import { guardErrors } from "./errors.ts";
import type { Objection } from "./guarded.ts";

/** Decides whether an agent of a tier may change a branch, by the patterns of the settings. Null when it may. */
export function decideBranch(
  settings: BranchSettings,
  branch: string,
  tier: Tier,
): Objection | null {
  const guarded = settings.protected.find((pattern) => isMatch(pattern, branch));
  if (guarded !== undefined) {
    return objection(`Branch ${branch} is protected (\`${guarded}\` in skein.yml).`);
  }
  const allowed = settings.agents[tier];
  if (allowed === null || allowed.some((pattern) => isMatch(pattern, branch))) {
    return null;
  }
  return objection(
    `Agents of tier ${tier} work on branches like ${allowed.join(", ")}, not on ${branch}.`,
  );
}

function isMatch(pattern: string, branch: string): boolean {
  return patternMatches(parsePathPattern(pattern), branch, { caseInsensitive: false });
}

function objection(what: string): Objection {
  const { code, fix } = guardErrors.protectedBranch;
  return { code, what, next: fix };
}
