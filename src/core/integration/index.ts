export type { IntegrationDeps } from "./deps.ts";
export { integrationErrors } from "./errors.ts";
export type {
  CheckResult,
  Integration,
  IntegrateOptions,
  IntegrateRequest,
  IntegrateResult,
  Landing,
  VerifyRequest,
  Workspace,
} from "./integration.ts";
export { createIntegration } from "./integrations.ts";
export { integrationMigration } from "./tables.ts";
