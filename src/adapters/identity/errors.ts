import { defineErrors } from "../../core/base/errors.ts";

export const identityErrors = defineErrors({
  badIssuer: {
    code: "SKN-2911",
    kind: "config",
    title: "The identity provider's address is not usable.",
    cause:
      "An issuer, and the address of its keys, are https addresses without user, query or fragment; http only on this machine.",
    fix: "Write `auth.oidc.issuer` exactly as the provider names itself in its tokens.",
  },
  badDiscovery: {
    code: "SKN-7911",
    kind: "unavailable",
    title: "The identity provider does not say who it is.",
    cause: "Its discovery document cannot be read, or names another issuer than the settings do.",
    fix: "Open ISSUER/.well-known/openid-configuration and compare its `issuer` with `auth.oidc.issuer`.",
  },
  noKeys: {
    code: "SKN-7912",
    kind: "unavailable",
    title: "The identity provider's keys cannot be read.",
    cause: "It is down or not reachable from the server, so that no token of it can be checked.",
    fix: "Try again in a moment; personal tokens go on working.",
  },
  badToken: {
    code: "SKN-3911",
    kind: "auth",
    title: "The token of the identity provider is not accepted.",
    cause:
      "It is of another issuer or for another audience, has expired, or is not signed with a key and an algorithm that count here.",
    fix: "Sign in again, for the audience that the server names.",
  },
});
