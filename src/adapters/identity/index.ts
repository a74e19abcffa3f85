export { identityErrors } from "./errors.ts";
export { checkProvider, createOidcVerifier, signatureAlgorithms } from "./oidc.ts";
export type { Identity, OidcDeps, OidcOptions, OidcVerifier, SignatureAlgorithm } from "./oidc.ts";
export type { ReadJson } from "./read-json.ts";
