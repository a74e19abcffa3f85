import { generateKeyPairSync } from "node:crypto";
import type { KeyPairKeyObjectResult } from "node:crypto";
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { commitOf, git, mirror } from "./git-store.ts";
import type { JsonObject } from "./json.ts";
import { mergePull } from "./merging.ts";
import { syncPulls } from "./pull-sync.ts";
import { installationIdentity, isInstalledOn } from "./routes-accounts.ts";
import { addPull, headOf } from "./routes-pulls.ts";
import { childProblem } from "./routes-relations.ts";
import { accountNamed, issueById, noReplyHost, repositoryNamed } from "./state.ts";
import type {
  Account,
  App,
  Hub,
  Identity,
  Installation,
  Issue,
  IssueComment,
  Permissions,
  Pull,
  Repository,
  Review,
  Role,
} from "./state.ts";
import { pullNumbered } from "./views-pulls.ts";
import { addComment, addIssue, labelsOf, saveIssue } from "./writes.ts";

/** An app and the key that proves it. */
export interface NewApp {
  readonly app: App;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
}

export interface NewRepository {
  /** `owner/name`. The owner is made where it is missing. */
  readonly fullName: string;
  /** A local git repository to copy; without it, one commit with a read-me on `main`. */
  readonly from?: string | undefined;
  /** Default false. */
  readonly isPrivate?: boolean | undefined;
  /** Default `main`. */
  readonly defaultBranch?: string | undefined;
  /** `owner/name` of the repository that this one is a fork of; it is copied unless `from` is given. */
  readonly forkOf?: string | undefined;
}

/** Files by path; null removes one. */
export interface NewCommit {
  readonly branch: string;
  /** The branch that a new one starts at. Default the default branch. */
  readonly start?: string | undefined;
  readonly files: Readonly<Record<string, string | null>>;
  readonly message?: string | undefined;
  /** The login of the author. Default nobody that the fake knows. */
  readonly author?: string | undefined;
}

/** What a test does to the state behind the API's back: no rights, no limits, no recording. Repositories are named `owner/name`. */
export interface World {
  addUser(login: string, type?: Account["type"]): Account;
  addOrganization(login: string, members: readonly string[]): Account;
  addTeam(org: string, slug: string, members: readonly string[]): void;
  /** A token of a person; with permissions it is a fine-grained one. */
  userToken(login: string, grant?: TokenGrant): string;
  addApp(slug: string, permissions: Permissions): NewApp;
  install(app: App, account: string, repositories?: readonly string[]): Installation;
  installationToken(installation: Installation, grant?: TokenGrant): string;
  /** The token of a job of Actions: `github-actions[bot]` in one repository. */
  jobToken(repository: string, permissions: Permissions): string;
  addRepository(draft: NewRepository): Promise<Repository>;
  repository(fullName: string): Repository;
  setPermission(repository: string, login: string, role: Role | "none"): void;
  addRuleset(repository: string, branches: readonly string[], rules: readonly JsonObject[]): void;
  /** Commits to a branch as a push would, and answers the commit. */
  commit(repository: string, draft: NewCommit): Promise<string>;
  /** Brings pull requests up to date after something else wrote to the bare repository. */
  sync(repository: string): Promise<void>;
  openIssue(repository: string, draft: IssueDraft): Issue;
  closeIssue(repository: string, number: number, reason?: Issue["stateReason"]): Issue;
  /** Puts one issue below another; both by number. */
  addSubIssue(repository: string, parent: number, child: number): void;
  comment(repository: string, number: number, draft: CommentDraft): IssueComment;
  openPull(repository: string, draft: PullDraft): Promise<Pull>;
  review(repository: string, number: number, draft: ReviewDraft): Review;
  merge(repository: string, number: number, by: string): Promise<string>;
}

export interface TokenGrant {
  readonly permissions?: Permissions | undefined;
  /** Full names. Default all. */
  readonly repositories?: readonly string[] | undefined;
  /** Epoch milliseconds. Default never. */
  readonly expiresAtMs?: number | undefined;
}

export interface IssueDraft {
  readonly title: string;
  readonly body?: string | undefined;
  readonly author: string;
  readonly labels?: readonly string[] | undefined;
  readonly assignees?: readonly string[] | undefined;
}

export interface CommentDraft {
  readonly author: string;
  readonly body: string;
}

export interface PullDraft {
  readonly title: string;
  readonly body?: string | undefined;
  readonly author: string;
  /** A branch, or `owner:branch` of a fork. */
  readonly head: string;
  /** Default the default branch. */
  readonly base?: string | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly isDraft?: boolean | undefined;
}

export interface ReviewDraft {
  readonly author: string;
  readonly state: Review["state"];
  readonly body?: string | undefined;
}

/** `folder` holds the bare repositories. */
export function createWorld(hub: Hub, folder: string): World {
  const repository = (fullName: string): Repository =>
    found(repositoryNamed(hub, fullName), `repository ${fullName}`);
  const account = (login: string): Account => found(accountNamed(hub, login), `user ${login}`);
  const issue = (fullName: string, number: number): Issue =>
    found(repository(fullName).issues.get(number) ?? null, `issue ${String(number)}`);
  return {
    ...peopleOf(hub, account),
    ...tokensOf(hub, account),
    repository,
    addRepository: async (draft) => addRepository(hub, folder, draft),
    setPermission: (fullName, login, role) => {
      const { roles } = repository(fullName);
      if (role === "none") {
        roles.delete(account(login).login.toLowerCase());
      } else {
        roles.set(account(login).login.toLowerCase(), role);
      }
    },
    addRuleset: (fullName, branches, rules) => {
      const id = hub.nextId();
      repository(fullName).rulesets.set(id, { id, name: `rules-${String(id)}`, branches, rules });
    },
    commit: async (fullName, draft) => {
      const into = repository(fullName);
      const sha = await commitFiles(into, draft);
      await syncPulls(hub, into);
      return sha;
    },
    sync: (fullName) => syncPulls(hub, repository(fullName)),
    openIssue: (fullName, draft) => {
      const place = { hub, repository: repository(fullName) };
      return addIssue(place, {
        title: draft.title,
        body: draft.body ?? "",
        author: account(draft.author),
        viaApp: null,
        labels: labelsOf(place, draft.labels ?? []),
        assignees: (draft.assignees ?? []).map(account),
        isPull: false,
      });
    },
    closeIssue: (fullName, number, reason = "completed") =>
      saveIssue(
        { hub, repository: repository(fullName) },
        {
          ...issue(fullName, number),
          state: "closed",
          stateReason: reason,
          closedAtMs: hub.nowMs(),
        },
      ),
    addSubIssue: (fullName, parent, child) => {
      const ids = { parent: issue(fullName, parent).id, child: issue(fullName, child).id };
      const problem = childProblem(hub, ids);
      if (problem !== null || issueById(hub, ids.child) === null) {
        throw new Error(problem ?? "The child is missing.");
      }
      hub.children.set(ids.parent, [...(hub.children.get(ids.parent) ?? []), ids.child]);
    },
    comment: (fullName, number, { author, body }) =>
      addComment(
        { hub, repository: repository(fullName) },
        {
          issueNumber: issue(fullName, number).number,
          author: account(author),
          viaApp: null,
          body,
        },
      ),
    openPull: async (fullName, draft) => {
      const into = repository(fullName);
      const head = headOf(hub, into, draft.head);
      const placed = await addPull(hub, into, {
        title: draft.title,
        body: draft.body ?? "",
        base: draft.base ?? into.defaultBranch,
        headRepository: head.repository,
        headRef: head.ref,
        isDraft: draft.isDraft ?? false,
        author: account(draft.author),
        viaApp: null,
      });
      const { pull, issue: own } = found(placed, `difference between ${draft.head} and its base`);
      const place = { hub, repository: into };
      saveIssue(place, { ...own, labels: labelsOf(place, draft.labels ?? []) });
      return pull;
    },
    review: (fullName, number, { author, state, body = "" }) => {
      const place = repository(fullName);
      const pull = found(place.pulls.get(number) ?? null, `pull request ${String(number)}`);
      const review: Review = {
        id: hub.nextId(),
        pullNumber: number,
        author: account(author),
        state,
        body,
        commitId: pull.headSha,
        submittedAtMs: state === "PENDING" ? null : hub.nowMs(),
      };
      place.reviews.set(review.id, review);
      return review;
    },
    merge: async (fullName, number, by) => {
      const placed = pullNumbered(repository(fullName), number);
      const options = { by: account(by), method: "merge", title: null };
      const merged = placed === null ? null : await mergePull(hub, placed, options);
      return found(merged, `pull request ${String(number)} that can be merged`);
    },
  };
}

function found<Thing>(thing: Thing | null, what: string): Thing {
  if (thing === null) {
    throw new Error(`The fake has no ${what}.`);
  }
  return thing;
}

type People = Pick<World, "addUser" | "addOrganization" | "addTeam" | "addApp" | "install">;

function peopleOf(hub: Hub, account: (login: string) => Account): People {
  return {
    addUser: (login, type = "User") => addAccount(hub, login, { type }),
    addOrganization: (login, members) =>
      addAccount(hub, login, {
        type: "Organization",
        members: new Set(members.map((name) => name.toLowerCase())),
      }),
    addTeam: (org, slug, members) => {
      hub.teams.set(`${org}/${slug}`.toLowerCase(), {
        id: hub.nextId(),
        org,
        slug,
        members: new Map(members.map((login) => [account(login).login.toLowerCase(), "member"])),
      });
    },
    addApp: (slug, permissions) => {
      const { publicKey, privateKey } = keyPair(hub.apps.size);
      const app: App = {
        id: hub.nextId(),
        slug,
        owner: accountNamed(hub, "app-makers") ?? addAccount(hub, "app-makers", { type: "User" }),
        bot: addAccount(hub, `${slug}[bot]`, { type: "Bot" }),
        permissions: { metadata: "read", ...permissions },
        events: [],
        publicKey,
      };
      hub.apps.set(app.id, app);
      return { app, privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
    },
    install: (app, owner, repositories) => {
      const installation: Installation = {
        id: hub.nextId(),
        app,
        account: account(owner),
        permissions: app.permissions,
        repositories: repositories ?? "all",
      };
      hub.installations.set(installation.id, installation);
      return installation;
    },
  };
}

const keyPairs: KeyPairKeyObjectResult[] = [];

/** Each app of a server has its own keys; servers share them, as making some is slow. */
function keyPair(at: number): KeyPairKeyObjectResult {
  const pair = keyPairs[at] ?? generateKeyPairSync("rsa", { modulusLength: 2048 });
  keyPairs[at] = pair;
  return pair;
}

type Tokens = Pick<World, "userToken" | "installationToken" | "jobToken">;

function tokensOf(hub: Hub, account: (login: string) => Account): Tokens {
  const keep = (prefix: string, identity: Identity): string => {
    const token = `${prefix}_${String(hub.nextId())}fake`;
    hub.tokens.set(token, identity);
    return token;
  };
  const person = (login: string): Identity => ({
    kind: "user",
    actor: account(login),
    app: null,
    installation: null,
    permissions: null,
    repositories: null,
    expiresAtMs: null,
  });
  return {
    userToken: (login, grant = {}) =>
      keep(grant.permissions === undefined ? "ghp" : "github_pat", {
        ...person(login),
        permissions: grant.permissions ?? null,
        repositories:
          grant.repositories === undefined
            ? null
            : new Set(grant.repositories.map((name) => name.toLowerCase())),
        expiresAtMs: grant.expiresAtMs ?? null,
      }),
    installationToken: (installation, grant = {}) => {
      const reachable = [...hub.repositories.values()].filter(
        (repository) =>
          isInstalledOn(installation, repository) &&
          (grant.repositories?.includes(repository.fullName) ?? true),
      );
      return keep(
        "ghs",
        installationIdentity(installation, {
          permissions: grant.permissions ?? installation.permissions,
          repositories: reachable,
          expiresAtMs: grant.expiresAtMs ?? null,
        }),
      );
    },
    jobToken: (repository, permissions) => {
      const app = actionsApp(hub);
      return keep("ghs", {
        ...person(app.bot.login),
        kind: "job",
        app,
        permissions: { metadata: "read", ...permissions },
        repositories: new Set([repository.toLowerCase()]),
      });
    },
  };
}

function actionsApp(hub: Hub): App {
  const known = [...hub.apps.values()].find(({ slug }) => slug === "github-actions");
  const app: App = known ?? {
    id: 15_368,
    slug: "github-actions",
    owner: addAccount(hub, "github", { type: "Organization" }),
    bot: addAccount(hub, "github-actions[bot]", { type: "Bot" }),
    permissions: {},
    events: [],
    publicKey: null,
  };
  hub.apps.set(app.id, app);
  return app;
}

function addAccount(
  hub: Hub,
  login: string,
  { type, members = new Set() }: Pick<Account, "type"> & Partial<Account>,
): Account {
  const known = accountNamed(hub, login);
  if (known !== null && members.size === 0) {
    return known;
  }
  const account: Account = { id: known?.id ?? hub.nextId(), login, type, members };
  hub.accounts.set(login.toLowerCase(), account);
  return account;
}

async function addRepository(hub: Hub, folder: string, draft: NewRepository): Promise<Repository> {
  const { fullName, defaultBranch = "main", forkOf = null } = draft;
  const [ownerName = "", name = ""] = fullName.split("/");
  const owner = accountNamed(hub, ownerName) ?? addAccount(hub, ownerName, { type: "User" });
  const parent = forkOf === null ? null : repositoryNamed(hub, forkOf);
  mkdirSync(join(folder, ownerName), { recursive: true });
  const gitDir = join(folder, ownerName, `${name}.git`);
  const from = draft.from ?? parent?.gitDir;
  if (from === undefined) {
    mkdirSync(gitDir);
    await git(gitDir, [
      "init",
      "--quiet",
      "--bare",
      "--template=",
      `--initial-branch=${defaultBranch}`,
    ]);
  } else {
    await mirror(from, gitDir);
    await git(gitDir, ["symbolic-ref", "HEAD", `refs/heads/${defaultBranch}`]);
  }
  appendFileSync(join(gitDir, "config"), serverConfig);
  const repository: Repository = {
    id: hub.nextId(),
    owner,
    name,
    fullName,
    isPrivate: draft.isPrivate ?? false,
    defaultBranch,
    forkOf,
    gitDir,
    createdAtMs: hub.nowMs(),
    roles: new Map(),
    labels: new Map(),
    issues: new Map(),
    pulls: new Map(),
    comments: new Map(),
    reviews: new Map(),
    reviewComments: new Map(),
    resolvedThreads: new Map(),
    reactions: new Map(),
    suites: new Map(),
    runs: new Map(),
    statuses: new Map(),
    sarifs: new Map(),
    rulesets: new Map(),
  };
  hub.repositories.set(fullName.toLowerCase(), repository);
  if (from === undefined) {
    const files = { "README.md": `# ${name}\n` };
    await commitFiles(repository, { branch: defaultBranch, files, message: "Begin" });
  }
  return repository;
}

/** As GitHub serves: partial clones and any commit by its id, and `refs/pull/` written by nobody. */
const serverConfig = `
[http]
	receivepack = true
[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
[receive]
	hideRefs = refs/pull/
[gc]
	auto = 0
`;

/** One `git fast-import` does what a commit in a worktree would. */
async function commitFiles(repository: Repository, draft: NewCommit): Promise<string> {
  const { gitDir, defaultBranch } = repository;
  const branch = `refs/heads/${draft.branch}`;
  const start = `refs/heads/${draft.start ?? defaultBranch}`;
  const parent = (await commitOf(gitDir, branch)) ?? (await commitOf(gitDir, start));
  const message = draft.message ?? `Change ${Object.keys(draft.files).join(", ")}`;
  const { author } = draft;
  const input = [
    `commit ${branch}`,
    ...(author === undefined ? [] : [`author ${author} <${author}@${noReplyHost}> now`]),
    "committer GitHub <noreply@github.example> now",
    dataOf(message),
    ...(parent === null ? [] : [`from ${parent}`]),
    ...Object.entries(draft.files).map(([path, content]) =>
      content === null
        ? `D ${JSON.stringify(path)}`
        : `M 100644 inline ${JSON.stringify(path)}\n${dataOf(content)}`,
    ),
    "",
  ].join("\n");
  await git(gitDir, ["fast-import", "--quiet", "--date-format=now", "--force"], { input });
  return git(gitDir, ["rev-parse", branch]);
}

function dataOf(text: string): string {
  return `data ${String(Buffer.byteLength(text))}\n${text}`;
}
