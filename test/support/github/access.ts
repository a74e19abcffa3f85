import { createVerify } from "node:crypto";
import { isObject, numberIn, plainText } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { notFound, notForIntegrations, refuse } from "./replies.ts";
import type { Need } from "./replies.ts";
import type { App, Hub, Identity, Repository } from "./state.ts";
import { atLeast, roleOf } from "./views-base.ts";

/** The longest life of an app's JWT in seconds. */
const longestJwt = 600;

/**
 * Who a request comes from; null for nobody.
 *
 * @throws {Refusal} 401 for a token that nobody has, that has ended, or a JWT that does not hold.
 */
export function identityOf(hub: Hub, authorization: string | undefined): Identity | null {
  if (authorization === undefined || authorization === "") {
    return null;
  }
  const token = tokenIn(authorization);
  if (token === null) {
    throw refuse(401, "Bad credentials");
  }
  if (token.split(".").length === 3) {
    return appIdentity(hub, token);
  }
  const found = hub.tokens.get(token);
  if (found === undefined || (found.expiresAtMs !== null && found.expiresAtMs <= hub.nowMs())) {
    throw refuse(401, "Bad credentials");
  }
  return found;
}

/**
 * Holds a caller to what a route needs.
 *
 * @throws {Refusal} 404 where the repository or the right to read is missing, 403 where the right to write is.
 */
export function authorize(repository: Repository, identity: Identity | null, need: Need): void {
  if (!sees(repository, identity)) {
    throw notFound();
  }
  if (identity === null) {
    if (need.level === "write") {
      throw refuse(401, "Requires authentication");
    }
    return;
  }
  // A token for chosen repositories reads the other public ones, and writes none of them.
  if (need.level === "write" && !isListed(repository, identity)) {
    throw notForIntegrations();
  }
  if (identity.permissions !== null && !isGranted(identity, need)) {
    throw need.level === "read" && need.scope !== "metadata" ? notFound() : notForIntegrations();
  }
  if (identity.kind === "user" && !atLeast(roleOf(repository, identity.actor), need.role)) {
    throw need.level === "read" ? notFound() : refuse(403, "Must have admin rights to Repository.");
  }
}

/** Whether a caller knows of a repository at all. */
export function sees(repository: Repository, identity: Identity | null): boolean {
  if (identity === null) {
    return !repository.isPrivate;
  }
  if (identity.kind === "user") {
    const role = roleOf(repository, identity.actor);
    return atLeast(role, "read") && (isListed(repository, identity) || !repository.isPrivate);
  }
  return identity.kind !== "app" && isListed(repository, identity);
}

function isListed({ fullName }: Repository, { repositories }: Identity): boolean {
  return repositories === null || repositories.has(fullName.toLowerCase());
}

/** Whether a token's permissions hold what is needed; write holds read. */
export function isGranted(identity: Identity, need: Need): boolean {
  const { permissions } = identity;
  if (permissions === null || need.scope === "metadata") {
    return true;
  }
  const scopes = need.orPulls === true ? [need.scope, "pull_requests"] : [need.scope];
  return scopes.some((scope) => {
    const given = permissions[scope];
    return given === "write" || given === "admin" || (given === "read" && need.level === "read");
  });
}

/** The token in a header: `token X`, `Bearer X`, or the password of `Basic`, as git sends it. */
export function tokenIn(authorization: string): string | null {
  const [, scheme = "", value = ""] = /^(\w+)\s+(.+)$/u.exec(authorization) ?? [];
  switch (scheme.toLowerCase()) {
    case "token":
    case "bearer":
      return value;
    case "basic": {
      const text = Buffer.from(value, "base64").toString("utf8");
      return text.slice(text.indexOf(":") + 1);
    }
    default:
      return null;
  }
}

function appIdentity(hub: Hub, jwt: string): Identity {
  const [head = "", payload = "", signature = ""] = jwt.split(".");
  const claims = decoded(payload);
  const app = hub.apps.get(Number(plainText(claims["iss"]).replace(/^Iv1\./u, "")));
  if (app === undefined || !holds(app, { head, payload, signature })) {
    throw refuse(401, "A JSON web token could not be decoded");
  }
  const nowSeconds = Math.floor(hub.nowMs() / 1000);
  const [issued, ends] = [numberIn(claims, "iat"), numberIn(claims, "exp")];
  if (ends === null || ends <= nowSeconds) {
    throw refuse(401, "'Expiration time' claim ('exp') must be a numeric value in the future");
  }
  if (issued === null || issued > nowSeconds + 60) {
    throw refuse(401, "'Issued at' claim ('iat') must be an Integer in the past");
  }
  if (ends - nowSeconds > longestJwt) {
    throw refuse(401, "'Expiration time' claim ('exp') is too far in the future");
  }
  return {
    kind: "app",
    actor: app.bot,
    app,
    installation: null,
    permissions: null,
    repositories: null,
    expiresAtMs: null,
  };
}

interface Jwt {
  readonly head: string;
  readonly payload: string;
  readonly signature: string;
}

function holds(app: App, { head, payload, signature }: Jwt): boolean {
  if (decoded(head)["alg"] !== "RS256" || app.publicKey === null) {
    return false;
  }
  const verify = createVerify("RSA-SHA256").update(`${head}.${payload}`);
  return verify.verify(app.publicKey, Buffer.from(signature, "base64url"));
}

function decoded(part: string): JsonObject {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
