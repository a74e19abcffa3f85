import { createHmac } from "node:crypto";
import { fittedToWebhook, webhookFaults } from "./description.ts";
import { isObject, objectIn } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { commitOf } from "./git-store.ts";
import { accountNamed, nodeIdOf, repositoryNamed, timeOf } from "./state.ts";
import type { CommitStatus, Hub, Installation, Repository } from "./state.ts";
import {
  installationView,
  labelView,
  minimalRepositoryView,
  repositoryUrl,
  repositoryView,
  userView,
} from "./views-base.ts";
import { checkRunView, checkSuiteView } from "./views-checks.ts";
import { commitView, simpleCommitView } from "./views-git.ts";
import { commentView, issueView } from "./views-issues.ts";
import {
  pullNumbered,
  pullView,
  reviewCommentView,
  reviewView,
  simplePullView,
} from "./views-pulls.ts";

/** What a webhook is about; each event needs some of it and says so when it is missing. */
export interface HookFacts {
  /** Who did it. */
  readonly sender: string;
  /** `owner/name`. */
  readonly repository?: string | undefined;
  readonly installation?: Installation | undefined;
  /** Of an issue or a pull request. */
  readonly number?: number | undefined;
  readonly label?: string | undefined;
  readonly commentId?: number | undefined;
  readonly reviewId?: number | undefined;
  readonly checkRunId?: number | undefined;
  readonly checkSuiteId?: number | undefined;
  readonly statusId?: number | undefined;
  /** Of `sub_issues`: the numbers of both. */
  readonly parent?: number | undefined;
  readonly child?: number | undefined;
  /** Of `issue_dependencies`: the numbers of both. */
  readonly blocked?: number | undefined;
  readonly blocking?: number | undefined;
  /** Of `push` and `pull_request.synchronize`. */
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  /** Of `push`: `refs/heads/main`. */
  readonly ref?: string | undefined;
  /** What an edit changed, as `{ body: { from: "old" } }`. */
  readonly changes?: JsonObject | undefined;
  /** The identifier of the button of `check_run.requested_action`. */
  readonly requestedAction?: string | undefined;
}

/** A webhook as GitHub would send it. */
export interface Webhook {
  /** The id of the delivery. */
  readonly id: string;
  /** The event without its action. */
  readonly name: string;
  readonly payload: JsonObject;
  /** The body that the signature is of. */
  readonly body: string;
  /** The headers of a delivery, signed with a secret. */
  headers(secret: string): Readonly<Record<string, string>>;
}

/**
 * Builds the webhook of an event from what the fake holds, named as `issues.opened` or `push`.
 *
 * @throws {Error} When a fact is missing, or the payload breaks GitHub's description.
 */
export async function buildWebhook(hub: Hub, event: string, facts: HookFacts): Promise<Webhook> {
  const [name = "", action] = event.split(".");
  const build = builders[name];
  if (build === undefined) {
    throw new Error(`The fake builds no webhook of ${event}.`);
  }
  const desk = createDesk(hub, facts);
  const repository = facts.repository === undefined ? null : desk.repository();
  const full: JsonObject = {
    ...(action === undefined ? {} : { action }),
    ...(await build(desk, action ?? "")),
    ...(repository === null ? {} : { repository: desk.pushed(name, repository) }),
    ...(repository?.owner.type === "Organization"
      ? { organization: organizationView(hub, repository) }
      : {}),
    ...(facts.installation === undefined || name.startsWith("installation")
      ? {}
      : { installation: simpleInstallation(facts.installation) }),
    sender: userView(hub, desk.sender()),
  };
  const payload = fittedToWebhook(event, full);
  const faults = webhookFaults(event, payload);
  if (faults.length > 0) {
    throw new Error(`The webhook ${event} breaks GitHub's description:\n${faults.join("\n")}`);
  }
  const id = `00000000-0000-4000-8000-${String(hub.nextId()).padStart(12, "0")}`;
  const body = JSON.stringify(payload);
  return {
    id,
    name,
    payload,
    body,
    headers: (secret) => ({
      "content-type": "application/json",
      "user-agent": "GitHub-Hookshot/fake",
      "x-github-delivery": id,
      "x-github-event": name,
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    }),
  };
}

type Build = (desk: Desk, action: string) => Promise<JsonObject> | JsonObject;

const builders: Readonly<Record<string, Build>> = {
  ping: ({ hub }) => ({
    zen: "Keep it logically awesome.",
    hook_id: 1,
    hook: {
      type: "App",
      id: 1,
      name: "web",
      active: true,
      events: ["*"],
      config: { content_type: "json", insecure_ssl: "0", url: `${hub.webUrl}/hook` },
      created_at: timeOf(hub.nowMs()),
      updated_at: timeOf(hub.nowMs()),
    },
  }),
  push: pushPayload,
  status: statusPayload,
  installation: (desk) => installationPayload(desk),
  installation_repositories: (desk, action) => {
    const repositories = installedOn(desk);
    const { installation } = desk.facts;
    return {
      ...installationPayload(desk),
      repository_selection: installation?.repositories === "all" ? "all" : "selected",
      repositories_added: action === "added" ? repositories : [],
      repositories_removed: action === "removed" ? repositories : [],
      requester: null,
    };
  },
  issues: (desk, action) => ({
    ...issuePart(desk),
    ...labelPart(desk),
    ...changesPart(desk, action),
  }),
  issue_comment: (desk, action) => ({
    ...issuePart(desk),
    ...changesPart(desk, action),
    comment: commentView(
      desk.hub,
      desk.repository(),
      desk.the("commentId", (id) => desk.repository().comments.get(id)),
    ),
  }),
  sub_issues: (desk, action) => {
    const parent = desk.issueView("parent");
    const child = desk.issueView("child");
    const other = action.startsWith("sub_issue") ? "sub_issue_repo" : "parent_issue_repo";
    return {
      parent_issue_id: parent["id"],
      parent_issue: parent,
      sub_issue_id: child["id"],
      sub_issue: child,
      [other]: repositoryView(desk.hub, desk.repository()),
    };
  },
  issue_dependencies: (desk, action) => {
    const blocked = desk.issueView("blocked");
    const blocking = desk.issueView("blocking");
    const other = action.startsWith("blocked_by") ? "blocking_issue_repo" : "blocked_issue_repo";
    return {
      blocked_issue_id: blocked["id"],
      blocked_issue: blocked,
      blocking_issue_id: blocking["id"],
      blocking_issue: blocking,
      [other]: repositoryView(desk.hub, desk.repository()),
    };
  },
  pull_request: async (desk, action) => ({
    number: desk.facts.number ?? 0,
    pull_request: await fullPull(desk),
    ...labelPart(desk),
    ...changesPart(desk, action),
    ...(action === "synchronize" ? { before: desk.text("before"), after: desk.text("after") } : {}),
  }),
  pull_request_review: (desk, action) => {
    const review = desk.the("reviewId", (id) => desk.repository().reviews.get(id));
    const view = reviewView(desk.hub, desk.repository(), review);
    return {
      pull_request: shortPull(desk),
      review: {
        submitted_at: null,
        ...view,
        state: action === "dismissed" ? action : review.state.toLowerCase(),
        updated_at: view["submitted_at"] ?? null,
      },
    };
  },
  pull_request_review_comment: (desk) => ({
    pull_request: shortPull(desk),
    comment: reviewCommentOf(desk),
  }),
  pull_request_review_thread: (desk) => ({
    pull_request: shortPull(desk),
    thread: {
      node_id: nodeIdOf("PRRT", desk.facts.commentId ?? 0),
      comments: [reviewCommentOf(desk)],
    },
    updated_at: timeOf(desk.hub.nowMs()),
  }),
  check_run: async (desk, action) => {
    const run = desk.the("checkRunId", (id) => desk.repository().runs.get(id));
    const suite = desk.repository().suites.get(run.suiteId);
    const { hub } = desk;
    const suiteView =
      suite === undefined ? {} : await checkSuiteView(hub, desk.repository(), suite);
    const {
      head_commit: _,
      latest_check_runs_count: __,
      check_runs_url: ___,
      ...simple
    } = suiteView;
    return {
      check_run: { ...checkRunView(hub, desk.repository(), run), check_suite: simple },
      ...(action === "requested_action"
        ? { requested_action: { identifier: desk.text("requestedAction") } }
        : {}),
    };
  },
  check_suite: async (desk) => {
    const suite = desk.the("checkSuiteId", (id) => desk.repository().suites.get(id));
    return { check_suite: await checkSuiteView(desk.hub, desk.repository(), suite) };
  },
};

/** What builders ask. */
interface Desk {
  readonly hub: Hub;
  readonly facts: HookFacts;
  repository(): Repository;
  sender(): ReturnType<typeof senderOf>;
  text(field: "before" | "after" | "ref" | "requestedAction"): string;
  /** The thing that a numeric fact names. */
  the<Thing>(
    field: "commentId" | "reviewId" | "checkRunId" | "checkSuiteId" | "statusId",
    find: (id: number) => Thing | undefined,
  ): Thing;
  issueView(field: "number" | "parent" | "child" | "blocked" | "blocking"): JsonObject;
  /** The repository in the form that the event has it. */
  pushed(name: string, repository: Repository): JsonObject;
}

function createDesk(hub: Hub, facts: HookFacts): Desk {
  function repository(): Repository {
    return need(repositoryNamed(hub, facts.repository ?? "") ?? undefined, "repository");
  }
  return {
    hub,
    facts,
    repository,
    sender: () => senderOf(hub, facts),
    text: (field) => need(facts[field], field),
    the: (field, find) => need(find(need(facts[field], field)), field),
    issueView: (field) => {
      const issue = need(repository().issues.get(need(facts[field], field)), field);
      return issueView(hub, { repository: repository(), issue });
    },
    pushed: (name, found) =>
      name === "push"
        ? {
            ...repositoryView(hub, found),
            created_at: Math.floor(found.createdAtMs / 1000),
            pushed_at: Math.floor(found.createdAtMs / 1000),
            stargazers: 0,
            master_branch: found.defaultBranch,
            url: `${hub.webUrl}/${found.fullName}`,
            owner: { ...userView(hub, found.owner), name: found.owner.login, email: null },
          }
        : repositoryView(hub, found),
  };
}

function need<Thing>(thing: Thing | undefined, what: string): Thing {
  if (thing === undefined) {
    throw new Error(`The webhook needs a ${what} that the fake has.`);
  }
  return thing;
}

function senderOf(hub: Hub, { sender }: HookFacts): NonNullable<ReturnType<typeof accountNamed>> {
  return need(accountNamed(hub, sender) ?? undefined, "sender");
}

function organizationView(hub: Hub, { owner }: Repository): JsonObject {
  const url = `${hub.apiUrl}/orgs/${owner.login}`;
  return {
    login: owner.login,
    id: owner.id,
    node_id: nodeIdOf("O", owner.id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${hub.webUrl}/avatars/u/${String(owner.id)}`,
    description: null,
  };
}

function simpleInstallation({ id }: Installation): JsonObject {
  return { id, node_id: nodeIdOf("MI", id) };
}

function issuePart(desk: Desk): JsonObject {
  return { issue: desk.issueView("number") };
}

function labelPart(desk: Desk): JsonObject {
  const { hub, facts } = desk;
  const repository = desk.repository();
  const label = repository.labels.get((facts.label ?? "").toLowerCase());
  return label === undefined ? {} : { label: labelView(hub, repository, label) };
}

function changesPart({ facts }: Desk, action: string): JsonObject {
  return action === "edited" ? { changes: facts.changes ?? {} } : {};
}

async function fullPull(desk: Desk): Promise<JsonObject> {
  const placed = pullNumbered(desk.repository(), desk.facts.number ?? 0);
  const view = await pullView(desk.hub, need(placed ?? undefined, "pull request"));
  return { ...view, head: mergeable(view, "head"), base: mergeable(view, "base") };
}

function shortPull(desk: Desk): JsonObject {
  const placed = pullNumbered(desk.repository(), desk.facts.number ?? 0);
  const view = simplePullView(desk.hub, need(placed ?? undefined, "pull request"));
  return { ...view, head: mergeable(view, "head"), base: mergeable(view, "base") };
}

/** In webhooks, the repositories of both ends say how they are merged. */
function mergeable(view: JsonObject, side: "head" | "base"): JsonObject {
  const { repo, ...others } = objectIn(view, side) ?? {};
  return {
    ...others,
    repo: {
      ...(isObject(repo) ? repo : {}),
      allow_auto_merge: false,
      allow_merge_commit: true,
      allow_rebase_merge: false,
      allow_squash_merge: true,
      allow_update_branch: false,
      delete_branch_on_merge: false,
      merge_commit_message: "PR_TITLE",
      merge_commit_title: "MERGE_MESSAGE",
      squash_merge_commit_message: "COMMIT_MESSAGES",
      squash_merge_commit_title: "COMMIT_OR_PR_TITLE",
      use_squash_pr_title_as_default: false,
    },
  };
}

function reviewCommentOf(desk: Desk): JsonObject {
  const comment = desk.the("commentId", (id) => desk.repository().reviewComments.get(id));
  return reviewCommentView(desk.hub, desk.repository(), comment);
}

function installationPayload(desk: Desk): JsonObject {
  const installation = need(desk.facts.installation, "installation");
  return {
    installation: installationView(desk.hub, installation),
    repositories: installedOn(desk),
    requester: null,
  };
}

function installedOn({ hub, facts }: Desk): readonly JsonObject[] {
  const installation = need(facts.installation, "installation");
  return [...hub.repositories.values()]
    .filter(
      ({ owner, fullName }) =>
        owner.id === installation.account.id &&
        (installation.repositories === "all" || installation.repositories.includes(fullName)),
    )
    .map((repository) => {
      const { id, node_id, name, full_name } = minimalRepositoryView(hub, repository);
      return { id, node_id, name, full_name, private: repository.isPrivate };
    });
}

async function pushPayload(desk: Desk): Promise<JsonObject> {
  const { hub } = desk;
  const repository = desk.repository();
  const [before, after, ref] = [desk.text("before"), desk.text("after"), desk.text("ref")];
  const zero = "0".repeat(40);
  const head = await commitOf(repository.gitDir, after);
  const commit =
    head === null
      ? null
      : {
          ...(await simpleCommitView(repository, head)),
          url: `${hub.webUrl}/${repository.fullName}/commit/${head}`,
          distinct: true,
          added: [],
          modified: [],
          removed: [],
        };
  return {
    ref,
    before,
    after,
    created: before === zero,
    deleted: after === zero,
    forced: false,
    base_ref: null,
    compare: `${hub.webUrl}/${repository.fullName}/compare/${before}...${after}`,
    commits: commit === null ? [] : [commit],
    head_commit: commit,
    pusher: { name: desk.sender().login, email: "someone@example.com" },
  };
}

async function statusPayload(desk: Desk): Promise<JsonObject> {
  const { hub } = desk;
  const repository = desk.repository();
  const status: CommitStatus = desk.the("statusId", (id) => repository.statuses.get(id));
  const { commit, ...others } = await commitView(hub, repository, status.sha);
  return {
    id: status.id,
    sha: status.sha,
    name: repository.fullName,
    context: status.context,
    description: status.description,
    state: status.state,
    target_url: status.targetUrl,
    avatar_url: `${hub.webUrl}/avatars/u/${String(status.creator.id)}`,
    branches: [],
    commit: { ...others, commit },
    created_at: timeOf(status.createdAtMs),
    updated_at: timeOf(status.createdAtMs),
    url: repositoryUrl(hub, repository),
  };
}
