import type { Finding } from "../finding.ts";
import type { LineRange, ReviewCost, ReviewResult, Verdict } from "../review.ts";

/** The verdict as a heading says it. */
export const verdictWords: Readonly<Record<Verdict, string>> = {
  pass: "pass",
  changes: "changes asked",
  incomplete: "incomplete",
};

const decisionWords: Readonly<Record<Finding["decision"], string>> = {
  published: "confirmed",
  advisory: "advisory, asks for nothing",
  "single-family": "one family only, asks for nothing",
  unconfirmed: "unconfirmed",
  rejected: "rejected",
  check: "found by a check, not voted on",
};

/** The seats that failed and that no note names: each failure is told once. */
export function untoldFailures({
  seats,
  notes,
}: Pick<ReviewResult, "notes" | "seats">): readonly FailedSeat[] {
  return seats.flatMap(({ seat, model, error }) => {
    const name = `seat ${String(seat)} (${model})`;
    return error === null || notes.some((note) => note.includes(name))
      ? []
      : [{ seat, model, error }];
  });
}

export interface FailedSeat {
  readonly seat: number;
  readonly model: string;
  readonly error: string;
}

/** How the vote on a finding went, as `confirmed: 2 for, 1 against, support 66.7 % (needs 60 %)`, or that an earlier review had it. */
export function voteText({ decision, proposers, ballots, support, threshold }: Finding): string {
  const words = decisionWords[decision];
  if (decision === "check") {
    return words;
  }
  // Of one that was kept from run to run only its decision is known.
  if (proposers.length === 0 && ballots.length === 0) {
    return `${words}; an earlier review found it`;
  }
  const count = (vote: string): string =>
    String(ballots.filter((ballot) => ballot.vote === vote).length);
  const needs = threshold === null ? "" : ` (needs ${String(threshold)} %)`;
  const weight = support === null ? "" : `, support ${percentText(support)}${needs}`;
  return `${words}: ${count("confirm")} for, ${count("reject")} against${weight}`;
}

/** What the voters corrected, as `corrected by the vote: was high, "The total is off", line 12`; null where nothing was. The title is hostile. */
export function correctionText({ original, title, severity, line }: Finding): string | null {
  if (original === undefined) {
    return null;
  }
  const was = [
    ...(original.severity === severity ? [] : [original.severity]),
    ...(original.title === title ? [] : [JSON.stringify(original.title)]),
    ...(original.line === line ? [] : [`line ${String(original.line)}`]),
  ];
  return `corrected by the vote${was.length === 0 ? "" : `: was ${was.join(", ")}`}`;
}

/** What a command said of a finding, as `verified by a command: It ended with ...`; null where none was asked. */
export function verifyText({ verify }: Finding): string | null {
  return verify === undefined
    ? null
    : `${verifyWords[verify.vote]} by the command of --verify. ${verify.reason}`;
}

const verifyWords = {
  confirm: "confirmed",
  reject: "refuted",
  abstain: "neither confirmed nor refuted",
} as const;

/** Where a finding lies, as `src/a.ts:12-14`; without a line where none is sure. */
export function placeText(finding: Finding): string {
  return finding.placement === "line" ? rangeText(finding) : finding.path;
}

/** A range, as `src/a.ts:12-14`. */
export function rangeText({ path, line, endLine }: LineRange): string {
  return endLine > line ? `${path}:${String(line)}-${String(endLine)}` : `${path}:${String(line)}`;
}

/** How many of a finding's other places are named. */
export const shownPlaces = 10;

/** What a review cost, and what kept answers saved. */
export function costText({ microUsd, savedMicroUsd }: ReviewCost): string {
  const saved = savedMicroUsd === 0 ? "" : `, kept answers saved ${usdText(savedMicroUsd)}`;
  return `${usdText(microUsd)}${saved}`;
}

function usdText(microUsd: number): string {
  return `${(microUsd / 1_000_000).toFixed(6).replace(/(\.\d\d\d*?)0+$/u, "$1")} USD`;
}

/** Thousandths as percent. */
function percentText(thousandths: number): string {
  return `${(thousandths / 10).toFixed(1).replace(/\.0$/u, "")} %`;
}
