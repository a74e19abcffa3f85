export type { Ballot, Vote } from "./ballot.ts";
export { categories, severities } from "./candidate.ts";
export type { Candidate, Category, Claim, Cluster, Place, Severity } from "./candidate.ts";
export type { Change, ChangedFile, DiffLine, Hunk } from "./change.ts";
export type { Decision, Finding, FindingState, Placement } from "./finding.ts";
export type { Seat } from "./seat.ts";
