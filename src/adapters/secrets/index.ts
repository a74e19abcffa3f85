export { secretsOfEnvironment } from "./environment.ts";
export { createFindKnown } from "./known-values.ts";
export { createRedactor } from "./redactor.ts";
export type { RedactorDeps } from "./redactor.ts";
export { createSecrets } from "./references.ts";
export type { Secrets, SecretsDeps } from "./references.ts";
export { findSightings, secretsIn } from "./sightings.ts";
export { createTrustFile } from "./trust-file.ts";
