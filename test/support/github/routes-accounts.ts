import { tokenIn } from "./access.ts";
import { listIn, objectIn, plainText } from "./json.ts";
import type { JsonObject } from "./json.ts";
import {
  callerOf,
  countedPage,
  notFound,
  notForIntegrations,
  numberParam,
  ok,
  page,
  refuse,
  Refusal,
  errorBody,
} from "./replies.ts";
import type { Call, Reply, Route } from "./replies.ts";
import { search } from "./searching.ts";
import { accountNamed, timeOf } from "./state.ts";
import type { App, Identity, Installation, Permissions, Repository, Team } from "./state.ts";
import {
  appView,
  grantedView,
  installationView,
  profileView,
  repositoryView,
  userView,
} from "./views-base.ts";

/** How long an installation's token lives. */
const tokenLifeMs = 3_600_000;

/** Who is who: users, apps, installations, teams, and what is not of one repository. */
export const accountRoutes: readonly Route[] = [
  route("GET /user", (call) => {
    const { kind, actor } = callerOf(call);
    if (kind !== "user") {
      throw notForIntegrations();
    }
    return ok(profileView(call.hub, actor));
  }),
  route("GET /users/{username}", (call) => {
    const account = accountNamed(call.hub, call.params["username"] ?? "");
    if (account === null) {
      throw notFound();
    }
    return ok(profileView(call.hub, account));
  }),
  route("GET /app", (call) => ok(appView(call.hub, appOf(call)))),
  route("GET /app/installations", (call) => {
    const app = appOf(call);
    const own = [...call.hub.installations.values()].filter((found) => found.app.id === app.id);
    return page(call, own, (installation) => installationView(call.hub, installation));
  }),
  route("GET /app/installations/{installation_id}", (call) =>
    ok(installationView(call.hub, installationOf(call))),
  ),
  route("POST /app/installations/{installation_id}/access_tokens", createToken),
  route("GET /app/hook/deliveries", (call) => {
    const { id } = appOf(call);
    const own = [...call.hub.deliveries.values()].filter(({ appId }) => appId === id);
    return page(call, own.toReversed(), ({ view }) => view);
  }),
  route("POST /app/hook/deliveries/{delivery_id}/attempts", (call) => {
    const found = call.hub.deliveries.get(numberParam(call, "delivery_id"));
    if (found?.appId !== appOf(call).id) {
      throw notFound();
    }
    return ok({}, 202);
  }),
  route("DELETE /installation/token", (call) => {
    if (callerOf(call).installation === null) {
      throw refuse(403, "You must authenticate with an installation access token");
    }
    call.hub.tokens.delete(tokenIn(call.headers.authorization ?? "") ?? "");
    return { status: 204, body: null };
  }),
  route("GET /installation/repositories", (call) => {
    const { installation, repositories } = callerOf(call);
    if (installation === null) {
      throw refuse(403, "You must authenticate with an installation access token");
    }
    const items = [...call.hub.repositories.values()]
      .filter(({ fullName }) => repositories?.has(fullName.toLowerCase()) === true)
      .map((repository) => repositoryView(call.hub, repository));
    return countedPage(call, "repositories", {
      items,
      more: { repository_selection: installation.repositories === "all" ? "all" : "selected" },
    });
  }),
  route("GET /orgs/{org}/teams/{team_slug}/members", (call) => {
    const team = teamOf(call);
    const role = call.query.get("role") ?? "all";
    const members = [...team.members].filter(([, is]) => role === "all" || is === role);
    return page(call, members, ([login]) => {
      const account = accountNamed(call.hub, login);
      return account === null ? null : userView(call.hub, account);
    });
  }),
  route("GET /orgs/{org}/teams/{team_slug}/memberships/{username}", (call) => {
    const team = teamOf(call);
    const name = call.params["username"] ?? "";
    const role = team.members.get(name.toLowerCase());
    if (role === undefined) {
      throw notFound();
    }
    const url = `${call.hub.apiUrl}/teams/${String(team.id)}/memberships/${name}`;
    return ok({ url, role, state: "active" });
  }),
  route("GET /search/issues", search),
];

function route(operation: string, handle: (call: Call) => Reply): Route {
  return { operation, need: null, handle };
}

function appOf(call: Call): App {
  const { identity } = call;
  if (identity?.kind !== "app" || identity.app === null) {
    throw refuse(401, "A JSON web token could not be decoded");
  }
  return identity.app;
}

function installationOf(call: Call): Installation {
  const found = call.hub.installations.get(numberParam(call, "installation_id"));
  if (found?.app.id !== appOf(call).id) {
    throw notFound();
  }
  return found;
}

/** A token may hold less than its installation, never more. */
function createToken(call: Call): Reply {
  const installation = installationOf(call);
  const { hub, body } = call;
  const asked = objectIn(body, "permissions");
  const permissions =
    asked === null ? installation.permissions : narrowed(installation.permissions, asked);
  const reachable = [...hub.repositories.values()].filter((repository) =>
    isInstalledOn(installation, repository),
  );
  const repositories = chosen(body, reachable);
  const token = `ghs_${String(hub.nextId())}installation${String(installation.id)}`;
  const expiresAtMs = hub.nowMs() + tokenLifeMs;
  hub.tokens.set(
    token,
    installationIdentity(installation, { permissions, repositories, expiresAtMs }),
  );
  const isAll = !("repositories" in body) && !("repository_ids" in body);
  return ok(
    {
      token,
      expires_at: timeOf(expiresAtMs),
      permissions: grantedView(permissions),
      repository_selection: isAll && installation.repositories === "all" ? "all" : "selected",
      ...(isAll ? {} : { repositories: repositories.map((found) => repositoryView(hub, found)) }),
    },
    201,
  );
}

/** What a token of an installation holds. */
export interface Grant {
  readonly permissions: Permissions;
  readonly repositories: readonly Repository[];
  readonly expiresAtMs: number | null;
}

export function installationIdentity(installation: Installation, grant: Grant): Identity {
  return {
    kind: "installation",
    actor: installation.app.bot,
    app: installation.app,
    installation,
    permissions: grant.permissions,
    repositories: new Set(grant.repositories.map(({ fullName }) => fullName.toLowerCase())),
    expiresAtMs: grant.expiresAtMs,
  };
}

export function isInstalledOn(installation: Installation, repository: Repository): boolean {
  return (
    installation.account.id === repository.owner.id &&
    (installation.repositories === "all" || installation.repositories.includes(repository.fullName))
  );
}

function narrowed(given: Permissions, asked: JsonObject): Permissions {
  const strength = ["", "read", "write", "admin"];
  const wanted = Object.entries(asked).map(([scope, level]) => [scope, plainText(level)] as const);
  const isWithin = wanted.every(
    ([scope, level]) =>
      scope === "metadata" || strength.indexOf(level) <= strength.indexOf(given[scope] ?? ""),
  );
  if (!isWithin) {
    throw tokenProblem("The permissions requested are not granted to this installation.");
  }
  return { metadata: "read", ...Object.fromEntries(wanted) };
}

function chosen(body: JsonObject, reachable: readonly Repository[]): readonly Repository[] {
  const names = listIn(body, "repositories").map((name) => plainText(name).toLowerCase());
  const ids = listIn(body, "repository_ids");
  if (!("repositories" in body) && !("repository_ids" in body)) {
    return reachable;
  }
  const found = reachable.filter(
    ({ name, id }) => names.includes(name.toLowerCase()) || ids.includes(id),
  );
  if (found.length !== names.length + ids.length || found.length === 0) {
    throw tokenProblem(
      "There is at least one repository that does not exist or is not accessible to the parent installation.",
    );
  }
  return found;
}

function tokenProblem(message: string): Refusal {
  return new Refusal({ status: 422, body: errorBody(422, message) });
}

/** A team is seen by members of its organization, and by installations that may read members. */
function teamOf(call: Call): Team {
  const { hub, params } = call;
  const key = `${params["org"] ?? ""}/${params["team_slug"] ?? ""}`.toLowerCase();
  const team = hub.teams.get(key);
  const { kind, actor, permissions, installation } = callerOf(call);
  const org = accountNamed(hub, params["org"] ?? "");
  const maySee =
    kind === "user"
      ? org?.members.has(actor.login.toLowerCase()) === true
      : permissions?.["members"] !== undefined && installation?.account.id === org?.id;
  if (team === undefined || !maySee) {
    throw notFound();
  }
  return team;
}
