export type { Annotation, CheckReport, CheckRun, Conclusion } from "./check-run.ts";
export { unsupported } from "./code-host.ts";
export type {
  CheckHost,
  CodeHost,
  FileHost,
  IssueHost,
  NamedText,
  PullHost,
  SarifUpload,
  Unsupported,
} from "./code-host.ts";
export { createDeliveries, keepDeliveriesMs } from "./deliveries.ts";
export type {
  ClaimedDelivery,
  Deliveries,
  DeliveryCounts,
  DeliveryEnd,
  NewDelivery,
  SweptRepository,
} from "./deliveries.ts";
export { hostingErrors, isDenied } from "./errors.ts";
export type {
  ClosedAs,
  Issue,
  IssueChange,
  IssueComment,
  IssueFilter,
  NewIssue,
  ReactionContent,
  Reactions,
  ReactionTarget,
} from "./issue.ts";
export {
  fitsMarker,
  isMarked,
  maxMarkerChars,
  readMarker,
  withoutMarkers,
  writeMarker,
} from "./marker.ts";
export type { MarkerKind, MarkerOptions, MarkerReading, Sign } from "./marker.ts";
export type {
  NewReview,
  NewReviewComment,
  PullEnd,
  PullRequest,
  ReviewAnchor,
  ReviewOutcome,
  ReviewThread,
  Side,
  ThreadComment,
  Verdict,
} from "./pull-request.ts";
export { apiAddressOf, parseRemote } from "./remote.ts";
export type { Remote } from "./remote.ts";
export { isRepositoryName, parseRepositoryName, referenceOf } from "./repository.ts";
export type { Reference, Repository, RepositoryName } from "./repository.ts";
export { deliveryMigrations } from "./tables.ts";
export { isAtLeast, permissions } from "./user.ts";
export type { Permission, User } from "./user.ts";
