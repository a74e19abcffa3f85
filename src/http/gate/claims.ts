import { hash } from "node:crypto";
import type { Identity } from "../../adapters/identity/index.ts";
import { highestRole } from "../../core/access/index.ts";
import type { Principal, Role } from "../../core/access/index.ts";
import { isLooseObject, ownValue } from "../../core/base/loose-object.ts";
import { cleanLine } from "../../core/base/text.ts";

/** What the claims of an identity provider mean here. */
export interface ClaimRules {
  readonly roleClaim: string;
  /** By value of the claim. */
  readonly roles: Readonly<Record<string, Role>>;
  readonly projectClaim: string;
  /** By value of the claim; null: every project. */
  readonly projects: Readonly<Record<string, readonly string[]>> | null;
}

/** Who an identity is in a project; null when its claims give it no role, or not that project. */
export function principalOf(
  identity: Identity,
  project: string,
  rules: ClaimRules,
): Principal | null {
  const { issuer, subject, claims } = identity;
  const given = valuesOf(claims, rules.roleClaim);
  const role = highestRole(given.flatMap((value) => listed(rules.roles, value) ?? []));
  if (role === null || !isOpen(identity, project, rules)) {
    return null;
  }
  return {
    id: `oidc:${hash("sha256", `${issuer}\0${subject}`).slice(0, 32)}`,
    kind: "oidc",
    name: nameOf(identity),
    role,
    project,
  };
}

/** The whole server is no project, and what is told of it is of all that may come in. */
function isOpen(
  { claims }: Identity,
  project: string,
  { projectClaim, projects }: ClaimRules,
): boolean {
  return (
    projects === null ||
    project === "" ||
    valuesOf(claims, projectClaim).some((value) => listed(projects, value)?.includes(project))
  );
}

function listed<T>(from: Readonly<Record<string, T>>, value: string): T | undefined {
  return Object.hasOwn(from, value) ? from[value] : undefined;
}

/** A claim's texts: one, a list, or words apart by spaces. `a.b` is `b` inside of `a`, unless there is a claim of that very name. */
function valuesOf(claims: Identity["claims"], name: string): readonly string[] {
  const value = Object.hasOwn(claims, name) ? claims[name] : inside(claims, name.split("."));
  if (typeof value === "string") {
    return [value, ...value.split(" ")];
  }
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function inside(from: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (isLooseObject(value) ? ownValue(value, key) : undefined),
    from,
  );
}

function nameOf({ claims, subject }: Identity): string {
  const given = ["preferred_username", "email", "name", "client_id"]
    .map((claim) => claims[claim])
    .find((value) => typeof value === "string" && value !== "");
  return cleanLine(typeof given === "string" ? given : subject, 60) || "somebody";
}
