export { dayOf, parseAnchor } from "./anchor.ts";
export type { Anchor } from "./anchor.ts";
export { createAudit } from "./audit.ts";
export type { Anchored, AnchorPlace, Audit, AuditReport } from "./audit.ts";
export type { AuditFault } from "./checking.ts";
export { auditErrors } from "./errors.ts";
export type { AuditFilter } from "./filter.ts";
export { readAuditKey, readAuditPublicKey } from "./keys.ts";
