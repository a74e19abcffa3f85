export type { UpkeepDeps } from "./deps.ts";
export { upkeepErrors } from "./errors.ts";
export { checkInvariants } from "./invariants.ts";
export { ensureVersion, exportParts, parseJson } from "./parsing.ts";
export { readStateFacts } from "./state-facts.ts";
export type { FactsDeps, StateFacts } from "./state-facts.ts";
export type {
  ArchiveShelf,
  MaintenanceOptions,
  MaintenanceReport,
  StateExport,
  Upkeep,
  Verification,
  Violation,
} from "./upkeep.ts";
export { createUpkeep } from "./upkeeps.ts";
