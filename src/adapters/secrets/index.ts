export { secretsOfEnvironment } from "./environment.ts";
export { secretErrors } from "./errors.ts";
export { createRedactor } from "./redactor.ts";
export type { RedactorDeps } from "./redactor.ts";
export { createSecrets, isSecretReference } from "./references.ts";
export type { Secrets, SecretsDeps } from "./references.ts";
