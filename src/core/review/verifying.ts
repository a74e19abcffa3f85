import type { Clock } from "../base/clock.ts";
import type { Finding } from "./finding.ts";
import { worstFirst } from "./findings.ts";
import type { ReviewResult } from "./review.ts";
import { decideVerification, showsFault } from "./verification.ts";
import type { CommandEnd, Side, Verification, Verifications } from "./verification.ts";

/** Runs a person's own command on findings. */
export interface Verifier {
  /** Runs it once, on a copy of the side's commit. Never rejects for the command's sake. */
  run(finding: Finding, side: Side, signal: AbortSignal): Promise<CommandEnd>;
  /** No run begins that many milliseconds after the first. */
  readonly totalMs: number;
}

export interface Verified {
  readonly verified: Verifications;
  /** What it came to, one sentence each. */
  readonly notes: readonly string[];
}

/** More findings of one review are not verified. */
const maxVerified = 20;

/** Verifies what a review publishes and what it could not confirm, the worst first, one after the other. */
export async function verifyFindings(
  { findings, unconfirmed }: Pick<ReviewResult, "findings" | "unconfirmed">,
  verifier: Verifier,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Verified> {
  const asked = worstFirst(
    [...findings, ...unconfirmed].filter(
      ({ decision }) => decision !== "check" && decision !== "rejected",
    ),
  );
  const endMs = clock.nowMs() + verifier.totalMs;
  const isOver = (): boolean => clock.nowMs() >= endMs || signal.aborted;
  const verified: Record<string, Verification> = {};
  const left: string[] = [];
  for (const [index, finding] of asked.entries()) {
    const isLeft = index >= maxVerified || isOver();
    const found = isLeft ? null : await verify(finding, verifier, { isOver, signal });
    if (found === null) {
      left.push(finding.id);
    } else {
      verified[finding.fingerprint] = found;
    }
  }
  return { verified, notes: notesOn(Object.values(verified), left) };
}

interface Turn {
  /** True when no run may begin any more. */
  readonly isOver: () => boolean;
  readonly signal: AbortSignal;
}

/** Null when it was given up, or no time was left to ask whether the fault is new. */
async function verify(
  finding: Finding,
  verifier: Verifier,
  { isOver, signal }: Turn,
): Promise<Verification | null> {
  const head = await verifier.run(finding, "head", signal);
  if (showsFault(head) && isOver()) {
    return null;
  }
  const base = showsFault(head) ? await verifier.run(finding, "base", signal) : null;
  return signal.aborted ? null : decideVerification(head, base);
}

function notesOn(all: readonly Verification[], left: readonly string[]): readonly string[] {
  const count = (vote: string): string => String(all.filter((each) => each.vote === vote).length);
  const [first] = all;
  const isDeaf =
    all.length > 1 && first !== undefined && all.every(({ reason }) => reason === first.reason);
  return [
    ...(all.length === 0
      ? []
      : [
          `Of ${String(all.length)} findings the command of --verify, which ran without a sandbox, confirmed ${count("confirm")}, refuted ${count("reject")} and could not tell of ${count("abstain")}.`,
        ]),
    ...(isDeaf
      ? [`It said the same of all ${String(all.length)}: see that it looks at SKEIN_FINDING_FILE.`]
      : []),
    ...(left.length === 0 ? [] : [`Not verified: ${left.join(", ")}.`]),
  ];
}
