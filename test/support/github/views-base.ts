import type { JsonObject } from "./json.ts";
import { nodeIdOf, timeOf } from "./state.ts";
import type {
  Account,
  App,
  Hub,
  Identity,
  Installation,
  Label,
  Permissions,
  Repository,
  Role,
} from "./state.ts";

/** Roles from the weakest to the strongest. */
export const roles: readonly (Role | "none")[] = [
  "none",
  "read",
  "triage",
  "write",
  "maintain",
  "admin",
];

/** What a person may do in a repository, as GitHub counts it. */
export function roleOf(repository: Repository, account: Account | null): Role | "none" {
  const given = account === null ? undefined : repository.roles.get(account.login.toLowerCase());
  if (account !== null && account.id === repository.owner.id) {
    return "admin";
  }
  // Members of an organization read all of it, as GitHub's base permission is unless somebody changes it.
  const isMember = account !== null && repository.owner.members.has(account.login.toLowerCase());
  return given ?? (repository.isPrivate && !isMember ? "none" : "read");
}

export function atLeast(role: Role | "none", least: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(least);
}

export function userView(hub: Hub, account: Account): JsonObject {
  const name = encodeURIComponent(account.login);
  const url = `${hub.apiUrl}/users/${name}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeIdOf("U", account.id),
    avatar_url: `${hub.webUrl}/avatars/u/${String(account.id)}`,
    gravatar_id: "",
    url,
    html_url: `${hub.webUrl}/${name}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    site_admin: false,
    user_view_type: "public",
  };
}

/** A user with the profile that its own page shows. */
export function profileView(hub: Hub, account: Account): JsonObject {
  return {
    ...userView(hub, account),
    name: account.login,
    company: null,
    blog: "",
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: timeOf(hub.nowMs()),
    updated_at: timeOf(hub.nowMs()),
  };
}

/** The fields that every view of a repository has. */
export function repositoryView(hub: Hub, repository: Repository): JsonObject {
  const open = [...repository.issues.values()].filter(({ state }) => state === "open").length;
  return {
    ...minimalRepositoryView(hub, repository),
    git_url: `git://${new URL(hub.webUrl).host}/${repository.fullName}.git`,
    ssh_url: `git@${new URL(hub.webUrl).hostname}:${repository.fullName}.git`,
    clone_url: `${hub.webUrl}/${repository.fullName}.git`,
    svn_url: `${hub.webUrl}/${repository.fullName}`,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    forks: 0,
    forks_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    size: 1,
    default_branch: repository.defaultBranch,
    open_issues: open,
    open_issues_count: open,
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: false,
    has_discussions: false,
    archived: false,
    disabled: false,
    visibility: repository.isPrivate ? "private" : "public",
    topics: [],
    is_template: false,
    allow_forking: true,
    web_commit_signoff_required: false,
    pushed_at: timeOf(repository.createdAtMs),
    created_at: timeOf(repository.createdAtMs),
    updated_at: timeOf(repository.createdAtMs),
  };
}

/** The repository as its own page shows it to a caller. */
export function fullRepositoryView(
  hub: Hub,
  repository: Repository,
  identity: Identity | null,
): JsonObject {
  const role = roleOf(repository, identity?.actor ?? null);
  const parent =
    repository.forkOf === null
      ? null
      : (hub.repositories.get(repository.forkOf.toLowerCase()) ?? null);
  const fork =
    parent === null
      ? {}
      : { parent: repositoryView(hub, parent), source: repositoryView(hub, parent) };
  return {
    ...repositoryView(hub, repository),
    ...fork,
    network_count: 0,
    subscribers_count: 0,
    permissions: permissionsOf(role),
    ...(repository.owner.type === "Organization"
      ? { organization: userView(hub, repository.owner) }
      : {}),
  };
}

export function permissionsOf(role: Role | "none"): JsonObject {
  return {
    admin: atLeast(role, "admin"),
    maintain: atLeast(role, "maintain"),
    push: atLeast(role, "write"),
    triage: atLeast(role, "triage"),
    pull: atLeast(role, "read"),
  };
}

export function minimalRepositoryView(hub: Hub, repository: Repository): JsonObject {
  const url = repositoryUrl(hub, repository);
  return {
    id: repository.id,
    node_id: nodeIdOf("R", repository.id),
    name: repository.name,
    full_name: repository.fullName,
    private: repository.isPrivate,
    owner: userView(hub, repository.owner),
    html_url: `${hub.webUrl}/${repository.fullName}`,
    description: null,
    fork: repository.forkOf !== null,
    url,
    ...Object.fromEntries(addresses.map(([name, path]) => [name, `${url}${path}`])),
  };
}

/** Where the API has a repository. */
export function repositoryUrl(hub: Hub, repository: Repository): string {
  return `${hub.apiUrl}/repos/${repository.fullName}`;
}

export function labelView(hub: Hub, repository: Repository, label: Label): JsonObject {
  return {
    id: label.id,
    node_id: nodeIdOf("LA", label.id),
    url: `${repositoryUrl(hub, repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: false,
    description: label.description,
  };
}

/** The labels of an issue, in their order. */
export function labelViews(
  hub: Hub,
  repository: Repository,
  names: readonly string[],
): readonly JsonObject[] {
  return names.flatMap((name) => {
    const label = repository.labels.get(name.toLowerCase());
    return label === undefined ? [] : [labelView(hub, repository, label)];
  });
}

export function appView(hub: Hub, app: App): JsonObject {
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeIdOf("A", app.id),
    client_id: `Iv1.${String(app.id)}`,
    owner: userView(hub, app.owner),
    name: app.slug,
    description: null,
    external_url: `${hub.webUrl}/apps/${app.slug}`,
    html_url: `${hub.webUrl}/apps/${app.slug}`,
    created_at: timeOf(0),
    updated_at: timeOf(0),
    permissions: { ...app.permissions },
    events: [...app.events],
  };
}

export function installationView(hub: Hub, installation: Installation): JsonObject {
  const id = String(installation.id);
  return {
    id: installation.id,
    account: userView(hub, installation.account),
    repository_selection: installation.repositories === "all" ? "all" : "selected",
    access_tokens_url: `${hub.apiUrl}/app/installations/${id}/access_tokens`,
    repositories_url: `${hub.apiUrl}/installation/repositories`,
    html_url: `${hub.webUrl}/settings/installations/${id}`,
    app_id: installation.app.id,
    app_slug: installation.app.slug,
    target_id: installation.account.id,
    target_type: installation.account.type,
    permissions: grantedView(installation.permissions),
    events: [...installation.app.events],
    created_at: timeOf(0),
    updated_at: timeOf(0),
    single_file_name: null,
    suspended_by: null,
    suspended_at: null,
  };
}

export function grantedView(permissions: Permissions): JsonObject {
  return { ...permissions };
}

/** How an author stands to a repository. */
export function associationOf(repository: Repository, author: Account): string {
  const login = author.login.toLowerCase();
  if (author.id === repository.owner.id) {
    return "OWNER";
  }
  if (repository.owner.members.has(login)) {
    return "MEMBER";
  }
  if (repository.roles.has(login)) {
    return "COLLABORATOR";
  }
  const hasMerged = [...repository.pulls.values()].some(
    ({ mergedAtMs, number }) =>
      mergedAtMs !== null && repository.issues.get(number)?.author.id === author.id,
  );
  return hasMerged ? "CONTRIBUTOR" : "NONE";
}

const addresses: readonly (readonly [string, string])[] = [
  ["archive_url", "/{archive_format}{/ref}"],
  ["assignees_url", "/assignees{/user}"],
  ["blobs_url", "/git/blobs{/sha}"],
  ["branches_url", "/branches{/branch}"],
  ["collaborators_url", "/collaborators{/collaborator}"],
  ["comments_url", "/comments{/number}"],
  ["commits_url", "/commits{/sha}"],
  ["compare_url", "/compare/{base}...{head}"],
  ["contents_url", "/contents/{+path}"],
  ["contributors_url", "/contributors"],
  ["deployments_url", "/deployments"],
  ["downloads_url", "/downloads"],
  ["events_url", "/events"],
  ["forks_url", "/forks"],
  ["git_commits_url", "/git/commits{/sha}"],
  ["git_refs_url", "/git/refs{/sha}"],
  ["git_tags_url", "/git/tags{/sha}"],
  ["hooks_url", "/hooks"],
  ["issue_comment_url", "/issues/comments{/number}"],
  ["issue_events_url", "/issues/events{/number}"],
  ["issues_url", "/issues{/number}"],
  ["keys_url", "/keys{/key_id}"],
  ["labels_url", "/labels{/name}"],
  ["languages_url", "/languages"],
  ["merges_url", "/merges"],
  ["milestones_url", "/milestones{/number}"],
  ["notifications_url", "/notifications{?since,all,participating}"],
  ["pulls_url", "/pulls{/number}"],
  ["releases_url", "/releases{/id}"],
  ["stargazers_url", "/stargazers"],
  ["statuses_url", "/statuses/{sha}"],
  ["subscribers_url", "/subscribers"],
  ["subscription_url", "/subscription"],
  ["tags_url", "/tags"],
  ["teams_url", "/teams"],
  ["trees_url", "/git/trees{/sha}"],
];
