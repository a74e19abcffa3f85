export type { Ballot, Correction, Vote } from "./ballot.ts";
export { categories, severities } from "./candidate.ts";
export type { Candidate, Category, Claim, Cluster, Place, Severity } from "./candidate.ts";
export type { Change, ChangedFile, DiffLine, Hunk } from "./change.ts";
export type { Decision, Finding, FindingState, Original, Placement } from "./finding.ts";
export { runChecks } from "./checks/run-checks.ts";
export type { CheckFinding, CheckOptions } from "./checks/run-checks.ts";
export { anchorClaim } from "./diff/anchor.ts";
export type { Anchor, Anchored } from "./diff/anchor.ts";
export { coverageOf, coverageText } from "./diff/coverage.ts";
export type { SeatReading } from "./diff/coverage.ts";
export { diffErrors } from "./diff/errors.ts";
export { distinctFingerprints, fingerprintOf, fuzzyKeyOf } from "./diff/fingerprint.ts";
export type { Identified } from "./diff/fingerprint.ts";
export { isInside } from "./diff/names.ts";
export { packFiles } from "./diff/pack.ts";
export type { Pack, PackOptions, Packing } from "./diff/pack.ts";
export { maxDiffBytes, parseDiff } from "./diff/parse.ts";
export { renderFile } from "./diff/render.ts";
export { skipFiles } from "./diff/skip.ts";
export type { SkipOptions, SkipOutcome } from "./diff/skip.ts";
export { carryStates } from "./diff/states.ts";
export type { StateOutcome, StateRequest } from "./diff/states.ts";
export { findingLine, findingMarkdown, markdownOf } from "./output/markdown.ts";
export type { MarkdownOptions } from "./output/markdown.ts";
export { reportJsonSchema, reportSchema } from "./output/report-schema.ts";
export type { FindingReport, ReviewReport } from "./output/report-schema.ts";
export { parseReport } from "./output/parse-report.ts";
export { findingReport, reportJson, reportOf } from "./output/report.ts";
export { sarifOf } from "./output/sarif.ts";
export type { SarifOptions } from "./output/sarif.ts";
export type { SarifLog } from "./output/sarif-log.ts";
export { voteText } from "./output/words.ts";
export { terminalLines } from "./output/terminal.ts";
export type { TerminalOptions } from "./output/terminal.ts";
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
export { reviewErrors } from "./errors.ts";
export { outcomes } from "./kept.ts";
export type { Outcome, Outcomes, ReviewRecord, ReviewSummary, TallyBasis } from "./kept.ts";
export { usualLimits } from "./limits.ts";
export type { SwarmLimits } from "./limits.ts";
export { retally } from "./result.ts";
export { createReviews } from "./reviews.ts";
export type { BeginRequest, DecideRequest, FinishRequest, Reviews } from "./reviews.ts";
export { reviewMigration } from "./tables.ts";
export { createReviewing } from "./reviewing.ts";
export type {
  ReviewEstimate,
  Reviewing,
  ReviewingDeps,
  ReviewRequest,
  StartedReview,
} from "./reviewing.ts";
export { instructionPaths } from "./prompts/instructions.ts";
export type { Instruction } from "./prompts/instructions.ts";
export type { OnSwarmEvent, SwarmEvent, SwarmPhase } from "./swarm/progress.ts";
export type { CommandEnd, Side, Verification, Verifications } from "./verification.ts";
export type { Verifier } from "./verifying.ts";
export { presetNames } from "./vote/presets.ts";
export type { PresetName } from "./vote/presets.ts";
export type { Thresholds } from "./vote/thresholds.ts";
export { learnedWeight } from "./vote/weights.ts";
export type { TrackRecord } from "./vote/weights.ts";
