import type { Redactor } from "../../models/index.ts";
import type { ChangedFile } from "../change.ts";
import { distinctFingerprints, fingerprintOf } from "../diff/fingerprint.ts";
import type { Finding } from "../finding.ts";
import type { Fault } from "./check.ts";
import { findConflictMarkers } from "./conflict-markers.ts";
import { findForbiddenPaths } from "./forbidden-paths.ts";
import { findHeavyFiles } from "./heavy-files.ts";
import { findLockFileFaults } from "./lock-files.ts";
import { findReviewerAddress } from "./reviewer-address.ts";
import { findSecrets } from "./secrets.ts";

export interface CheckOptions {
  readonly redactor: Redactor;
  /** True for a path that exists on the head's side. */
  readonly hasPath: (path: string) => boolean;
  /** Patterns of path leases. Default: none. */
  readonly forbiddenPaths?: readonly string[] | undefined;
  /** Added characters beyond which a file is oversized. Default: 1 000 000. */
  readonly maxAddedChars?: number | undefined;
}

/** A check's finding, before its review numbers it. */
export type CheckFinding = Omit<Finding, "id">;

/** A check that finds more than this is cut, and says so: a change made to flood must not hide the other findings. */
const maxFaults = 20;

/**
 * Runs the deterministic checks over all changed files, skipped ones included. They stand outside of the vote: no reviewer can silence them.
 *
 * @throws whatever the redactor throws: a change whose secrets cannot be searched for must not be shown to a model.
 */
export async function runChecks(
  files: readonly ChangedFile[],
  { redactor, hasPath, forbiddenPaths = [], maxAddedChars }: CheckOptions,
): Promise<readonly CheckFinding[]> {
  const found = [
    await findSecrets(files, redactor),
    findConflictMarkers(files),
    findForbiddenPaths(files, forbiddenPaths),
    findReviewerAddress(files),
    findLockFileFaults(files, { hasPath }),
    findHeavyFiles(files, { maxAddedChars }),
  ];
  return distinctFingerprints(found.flatMap(cut).map(findingOf));
}

function cut(faults: readonly Fault[]): readonly Fault[] {
  const kept = faults.slice(0, maxFaults);
  const rest = faults.length - kept.length;
  return rest === 0
    ? kept
    : kept.map((fault, index) =>
        index === maxFaults - 1
          ? { ...fault, body: `${fault.body} ${String(rest)} more like this were found.` }
          : fault,
      );
}

function findingOf(fault: Fault): CheckFinding {
  return {
    ...fault,
    fingerprint: fingerprintOf({ ...fault, symbol: fault.title }),
    support: null,
    threshold: null,
    decision: "check",
    state: "new",
    ballots: [],
    proposers: [],
    places: [],
  };
}
