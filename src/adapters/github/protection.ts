import { isLooseObject, ownObject, ownText, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { CodeHostOptions } from "./code-host.ts";
import { needObject, needText } from "./shapes.ts";
import { createWire, inRepository } from "./wire.ts";
import type { Wire } from "./wire.ts";

/** A check that has to succeed before a branch moves. */
export interface RequiredCheck {
  /** As `skein/rules`. */
  readonly name: string;
  /** The App whose report of it alone counts; null: anybody's does. */
  readonly appId: number | null;
}

/** What a token may do to a repository, and what holds for its default branch. */
export interface Protection {
  readonly defaultBranch: string;
  /** Null: the host does not say, as of an App's own token. */
  readonly rights: { readonly mayPush: boolean; readonly mayAdminister: boolean } | null;
  /** True where rulesets or a branch protection hold for the default branch. */
  readonly isProtected: boolean;
  /** Those that rulesets name; a branch protection of the older kind tells only administrators. */
  readonly requiredChecks: readonly RequiredCheck[];
  /** Apps that may pass one of the rulesets by; the host tells them only who may write there. */
  readonly exemptApps: readonly number[];
}

/** Looks how a repository is protected; changes nothing. @throws {SkeinError} SKN-x65x. */
export async function readProtection(options: CodeHostOptions): Promise<Protection> {
  const wire = inRepository(createWire(options), options.name);
  const repository = needObject(await wire.read("GET /repos/{owner}/{repo}"), "the repository");
  const branch = needText(repository, "default_branch");
  const rules = await wire.list("GET /repos/{owner}/{repo}/rules/branches/{branch}", { branch });
  const found = await wire.find("GET /repos/{owner}/{repo}/branches/{branch}", { branch });
  return {
    defaultBranch: branch,
    rights: rightsOf(repository),
    isProtected:
      rules.length > 0 || (isLooseObject(found) && ownValue(found, "protected") === true),
    requiredChecks: rules.flatMap(checksOf),
    exemptApps: await exemptAppsOf(wire, rules),
  };
}

/** More rulesets than hold for one branch anywhere. */
const mostRulesets = 20;

async function exemptAppsOf(wire: Wire, rules: readonly LooseObject[]): Promise<readonly number[]> {
  const ids = rules.map((rule) => numberOrNull(ownValue(rule, "ruleset_id")));
  const known = new Set(ids.filter((id) => id !== null));
  const route = "GET /repos/{owner}/{repo}/rulesets/{ruleset_id}";
  const found = await Promise.all(
    [...known].slice(0, mostRulesets).map(async (id) => wire.find(route, { ruleset_id: id })),
  );
  return found.flatMap((ruleset) => (isLooseObject(ruleset) ? exemptIn(ruleset) : []));
}

function exemptIn(ruleset: LooseObject): readonly number[] {
  const actors = ownValue(ruleset, "bypass_actors");
  return Array.isArray(actors)
    ? actors
        .filter(isLooseObject)
        .filter((actor) => ownText(actor, "actor_type") === "Integration")
        .flatMap((actor) => numberOrNull(ownValue(actor, "actor_id")) ?? [])
    : [];
}

function rightsOf(repository: LooseObject): Protection["rights"] {
  const permissions = ownValue(repository, "permissions");
  return isLooseObject(permissions)
    ? {
        mayPush: ownValue(permissions, "push") === true,
        mayAdminister: ownValue(permissions, "admin") === true,
      }
    : null;
}

function checksOf(rule: LooseObject): readonly RequiredCheck[] {
  const checks = ownValue(ownObject(rule, "parameters"), "required_status_checks");
  return Array.isArray(checks)
    ? checks.filter(isLooseObject).map((check) => ({
        name: ownText(check, "context") ?? "",
        appId: numberOrNull(ownValue(check, "integration_id")),
      }))
    : [];
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
