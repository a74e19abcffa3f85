import { describe, expect, test } from "vitest";
import type { Identity } from "../../../src/adapters/identity/index.ts";
import { principalOf } from "../../../src/http/gate/claims.ts";
import type { ClaimRules } from "../../../src/http/gate/claims.ts";

const rules: ClaimRules = {
  roleClaim: "roles",
  roles: { dev: "agent", lead: "manager", boss: "admin" },
  projectClaim: "groups",
  projects: { web: ["shop", "site"], ops: ["infra"] },
};

function anIdentity(claims: Readonly<Record<string, unknown>>): Identity {
  return { issuer: "https://login.example.com", subject: "7", claims };
}

function roleOf(claims: Readonly<Record<string, unknown>>, odd: Partial<ClaimRules> = {}): unknown {
  return principalOf(anIdentity(claims), "shop", { ...rules, ...odd })?.role ?? null;
}

describe("principalOf", () => {
  test.each([
    ["a list", { roles: ["dev"], groups: ["web"] }, "agent"],
    ["one text", { roles: "lead", groups: "web" }, "manager"],
    ["words in one text", { roles: "dev lead", groups: "web" }, "manager"],
    ["several roles: the highest", { roles: ["dev", "boss", "lead"], groups: ["web"] }, "admin"],
    ["a role that nobody named", { roles: ["other"], groups: ["web"] }, null],
    ["a group of another project", { roles: ["dev"], groups: ["ops"] }, null],
    ["no group", { roles: ["dev"] }, null],
    ["things that are no texts", { roles: [["dev"], 7, null], groups: ["web"] }, null],
    ["a name of every object", { roles: ["toString"], groups: ["__proto__"] }, null],
  ])("reads %s", (_, claims, role) => {
    expect(roleOf(claims)).toBe(role);
  });

  test("finds a claim inside of a claim, and prefers one of that very name", () => {
    const odd = { roleClaim: "realm_access.roles" };

    expect(roleOf({ realm_access: { roles: ["dev"] }, groups: "web" }, odd)).toBe("agent");
    expect(
      roleOf(
        { "realm_access.roles": ["lead"], realm_access: { roles: ["dev"] }, groups: "web" },
        odd,
      ),
    ).toBe("manager");
  });

  test("opens every project where the settings name none", () => {
    expect(roleOf({ roles: ["dev"] }, { projects: null })).toBe("agent");
  });

  test("knows a person by issuer and subject, whatever they call themselves", () => {
    const claims = { roles: ["dev"], groups: ["web"] };
    const one = principalOf(anIdentity({ ...claims, preferred_username: "ada" }), "shop", rules);
    const same = principalOf(anIdentity({ ...claims, preferred_username: "eve" }), "shop", rules);
    const other = principalOf(
      { ...anIdentity({ ...claims, preferred_username: "ada" }), issuer: "https://x.example" },
      "shop",
      rules,
    );

    expect(one?.id).toMatch(/^oidc:[0-9a-f]{32}$/u);
    expect(same?.id).toBe(one?.id);
    expect([one?.name, same?.name]).toEqual(["ada", "eve"]);
    expect(other?.id).not.toBe(one?.id);
  });
});
