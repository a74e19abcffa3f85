export type { Ballot, Vote } from "./ballot.ts";
export { categories, severities } from "./candidate.ts";
export type { Candidate, Category, Claim, Cluster, Place, Severity } from "./candidate.ts";
export type { Change, ChangedFile, DiffLine, Hunk } from "./change.ts";
export type { Decision, Finding, FindingState, Placement } from "./finding.ts";
export { diffErrors } from "./diff/errors.ts";
export { maxDiffBytes, parseDiff } from "./diff/parse.ts";
export { verdicts } from "./review.ts";
export type {
  Coverage,
  LineRange,
  ReviewCost,
  ReviewResult,
  SeatCoverage,
  SeatReport,
  SkippedFile,
  Verdict,
} from "./review.ts";
export type { Seat } from "./seat.ts";
