import { refsBelow } from "./git-store.ts";
import { plainText } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { nodeIdOf, timeOf } from "./state.ts";
import type { CheckRun, CheckSuite, CommitStatus, Hub, Repository } from "./state.ts";
import { appView, minimalRepositoryView, repositoryUrl, userView } from "./views-base.ts";
import { simpleCommitView } from "./views-git.ts";
import { minimalPullView, pullNumbered } from "./views-pulls.ts";

export function checkRunView(hub: Hub, repository: Repository, run: CheckRun): JsonObject {
  const url = `${repositoryUrl(hub, repository)}/check-runs/${String(run.id)}`;
  const page = `${hub.webUrl}/${repository.fullName}/runs/${String(run.id)}`;
  return {
    id: run.id,
    head_sha: run.headSha,
    node_id: nodeIdOf("CR", run.id),
    external_id: run.externalId ?? "",
    url,
    html_url: page,
    details_url: run.detailsUrl ?? page,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    name: run.name,
    check_suite: { id: run.suiteId },
    app: appView(hub, run.app),
    pull_requests: pullsAt(hub, repository, run.headSha),
  };
}

export function annotationView(
  hub: Hub,
  repository: Repository,
  { run, annotation }: { readonly run: CheckRun; readonly annotation: JsonObject },
): JsonObject {
  const path = plainText(annotation["path"]);
  return {
    path,
    start_line: annotation["start_line"],
    end_line: annotation["end_line"],
    start_column: annotation["start_column"] ?? null,
    end_column: annotation["end_column"] ?? null,
    annotation_level: annotation["annotation_level"],
    title: annotation["title"] ?? null,
    message: annotation["message"],
    raw_details: annotation["raw_details"] ?? null,
    blob_href: `${hub.webUrl}/${repository.fullName}/blob/${run.headSha}/${path}`,
  };
}

export async function checkSuiteView(
  hub: Hub,
  repository: Repository,
  suite: CheckSuite,
): Promise<JsonObject> {
  const url = `${repositoryUrl(hub, repository)}/check-suites/${String(suite.id)}`;
  const runs = [...repository.runs.values()].filter(({ suiteId }) => suiteId === suite.id);
  const isDone = runs.length > 0 && runs.every(({ status }) => status === "completed");
  const branches = await refsBelow(repository.gitDir, "refs/heads/");
  const branch = branches.find(({ sha }) => sha === suite.headSha);
  return {
    id: suite.id,
    node_id: nodeIdOf("CS", suite.id),
    head_branch: branch?.name.slice("refs/heads/".length) ?? null,
    head_sha: suite.headSha,
    status: isDone ? "completed" : runs.length === 0 ? "queued" : "in_progress",
    conclusion: isDone ? worstOf(runs) : null,
    url,
    before: null,
    after: suite.headSha,
    pull_requests: pullsAt(hub, repository, suite.headSha),
    app: appView(hub, suite.app),
    repository: minimalRepositoryView(hub, repository),
    created_at: timeOf(suite.createdAtMs),
    updated_at: timeOf(suite.createdAtMs),
    head_commit: await simpleCommitView(repository, suite.headSha),
    latest_check_runs_count: runs.length,
    check_runs_url: `${url}/check-runs`,
  };
}

export function statusView(hub: Hub, repository: Repository, status: CommitStatus): JsonObject {
  return {
    ...simpleStatusView(hub, repository, status),
    creator: userView(hub, status.creator),
  };
}

export function simpleStatusView(
  hub: Hub,
  repository: Repository,
  status: CommitStatus,
): JsonObject {
  return {
    id: status.id,
    node_id: nodeIdOf("SC", status.id),
    url: `${repositoryUrl(hub, repository)}/statuses/${status.sha}`,
    avatar_url: `${hub.webUrl}/avatars/u/${String(status.creator.id)}`,
    state: status.state,
    context: status.context,
    description: status.description,
    target_url: status.targetUrl,
    created_at: timeOf(status.createdAtMs),
    updated_at: timeOf(status.createdAtMs),
  };
}

export function combinedState(statuses: readonly CommitStatus[]): string {
  const states = new Set(statuses.map(({ state }) => state));
  if (states.has("failure") || states.has("error")) {
    return "failure";
  }
  return states.size === 0 || states.has("pending") ? "pending" : "success";
}

/** Open pull requests of branches in the repository itself; those of forks are not shown. */
function pullsAt(hub: Hub, repository: Repository, sha: string): readonly JsonObject[] {
  return [...repository.pulls.values()].flatMap((pull) => {
    const placed = pullNumbered(repository, pull.number);
    const isHere = pull.headSha === sha && pull.headRepository === repository.fullName;
    return isHere && placed?.issue.state === "open" ? [minimalPullView(hub, placed)] : [];
  });
}

/** Conclusions from the gravest. */
const gravity = ["action_required", "timed_out", "cancelled", "failure", "neutral", "skipped"];

function worstOf(runs: readonly CheckRun[]): string {
  const found = gravity.find((name) => runs.some(({ conclusion }) => conclusion === name));
  return found ?? "success";
}
