import type { Vote } from "./ballot.ts";
import type { Finding } from "./finding.ts";

/** How a command ended. */
export type CommandEnd =
  | { readonly kind: "exited"; readonly code: number }
  /** It was not started, did not end in time or was killed. */
  | { readonly kind: "failed"; readonly reason: string };

/** What a command said of a finding: a ballot that outranks those of models. */
export interface Verification {
  readonly vote: Vote;
  /** A sentence of ours. */
  readonly reason: string;
}

/** Verifications by the fingerprint of the finding. */
export type Verifications = Readonly<Record<string, Verification>>;

/** The side of a change on which a command runs. */
export type Side = "head" | "base";

/** From here on an exit code says nothing of the fault: 125 as in `git bisect run`, what a shell cannot run, and ends by a signal. */
const firstUntold = 125;

/** True where the fault showed itself, and the base has to say whether it is new. */
export function showsFault(end: CommandEnd): boolean {
  return end.kind === "exited" && end.code > 0 && end.code < firstUntold;
}

/**
 * Reads what a command said: an end with 1 to 124 on the head and with 0 on the base shows a fault that the change introduces; 0 on the head
 * refutes it; everything else tells nothing.
 *
 * @param base null where the head alone was asked.
 */
export function decideVerification(head: CommandEnd, base: CommandEnd | null): Verification {
  if (head.kind === "exited" && head.code === 0) {
    return { vote: "reject", reason: "It ended with 0 on the head: the fault did not show." };
  }
  if (!showsFault(head) || base === null) {
    return { vote: "abstain", reason: `It ${inWords(head)} on the head, which tells nothing.` };
  }
  const both = `It ${inWords(head)} on the head and ${inWords(base)} on the base`;
  return base.kind === "exited" && base.code === 0
    ? { vote: "confirm", reason: `${both}: the fault showed, and this change introduces it.` }
    : { vote: "abstain", reason: `${both}: what it shows may not come from this change.` };
}

function inWords(end: CommandEnd): string {
  return end.kind === "exited" ? `ended with ${String(end.code)}` : end.reason;
}

/** Lets a command outrank the votes. A check's finding was not voted on, and stays what it is. */
export function applyVerification(finding: Finding, verified: Verifications): Finding {
  const verify = verified[finding.fingerprint];
  if (verify === undefined || finding.decision === "check") {
    return finding;
  }
  switch (verify.vote) {
    case "confirm":
      return { ...finding, decision: "published", verify };
    case "reject":
      return { ...finding, decision: "rejected", verify };
    case "abstain":
      return { ...finding, verify };
    default:
      return verify.vote satisfies never;
  }
}
