import { busErrors } from "../adapters/bus/errors.ts";
import { auditErrors } from "../core/audit/index.ts";
import { gitErrors } from "../adapters/git/index.ts";
import { identityErrors } from "../adapters/identity/index.ts";
import { cassetteErrors } from "../adapters/models/errors.ts";
import { secretErrors } from "../adapters/secrets/errors.ts";
import { serverErrors } from "../adapters/server/errors.ts";
import { appErrors } from "../bot/app/errors.ts";
import { botErrors } from "../bot/errors.ts";
import { accessErrors } from "../core/access/index.ts";
import { approvalErrors } from "../core/approvals/index.ts";
import { bodyErrors } from "../core/base/errors.ts";
import type { ErrorEntry } from "../core/base/errors.ts";
import { costErrors } from "../core/costs/index.ts";
import { decompositionErrors } from "../core/decomposition/index.ts";
import { dispatchErrors } from "../core/dispatch/index.ts";
import { eventErrors } from "../core/events/index.ts";
import { hostingErrors } from "../core/hosting/index.ts";
import { integrationErrors } from "../core/integration/index.ts";
import { leaseErrors } from "../core/leases/index.ts";
import { messageErrors } from "../core/messages/index.ts";
import { modelErrors } from "../core/models/index.ts";
import { plannerErrors } from "../core/planner/index.ts";
import { pullReviewErrors } from "../core/pull-reviews/index.ts";
import { planErrors } from "../core/plans/index.ts";
import { diffErrors, reviewErrors } from "../core/review/index.ts";
import { rulesErrors } from "../core/rules/index.ts";
import { sessionErrors } from "../core/sessions/index.ts";
import { storeErrors } from "../core/store/index.ts";
import { upkeepErrors } from "../core/upkeep/index.ts";
import { httpErrors } from "../http/errors.ts";
import { mcpErrors } from "../mcp/errors.ts";
import { settingsErrors } from "../settings.ts";
import { demoErrors } from "./demo/errors.ts";
import { cliErrors } from "./errors.ts";
import { guardErrors } from "./guard/errors.ts";
import { initErrors } from "./init/errors.ts";

/** Every module's part of the error catalogue. */
const parts: readonly Readonly<Record<string, ErrorEntry>>[] = [
  cliErrors,
  demoErrors,
  initErrors,
  guardErrors,
  settingsErrors,
  auditErrors,
  busErrors,
  gitErrors,
  secretErrors,
  serverErrors,
  cassetteErrors,
  storeErrors,
  eventErrors,
  sessionErrors,
  accessErrors,
  identityErrors,
  planErrors,
  plannerErrors,
  leaseErrors,
  messageErrors,
  costErrors,
  modelErrors,
  approvalErrors,
  decompositionErrors,
  dispatchErrors,
  integrationErrors,
  hostingErrors,
  pullReviewErrors,
  upkeepErrors,
  diffErrors,
  reviewErrors,
  rulesErrors,
  mcpErrors,
  httpErrors,
  bodyErrors,
  botErrors,
  appErrors,
];

/** Every error that Skein knows, by code. */
export const errorCatalog: readonly ErrorEntry[] = parts
  .flatMap((part) => Object.values(part))
  .toSorted((one, other) => one.code.localeCompare(other.code));
