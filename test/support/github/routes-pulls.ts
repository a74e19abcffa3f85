import { git, commitOf } from "./git-store.ts";
import { listIn, namesIn, textIn } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { mergePull } from "./merging.ts";
import { needs } from "./needs.ts";
import {
  callerOf,
  inRepository,
  invalid,
  nothing,
  notFound,
  numberParam,
  ok,
  page,
  refuse,
} from "./replies.ts";
import type { Reply, RepositoryCall, Route } from "./replies.ts";
import { checkedBody, maySort } from "./routes-issues.ts";
import { fetchHead, keepMergeRef, pullCommits, pullDiff, pullMergeBase } from "./pull-sync.ts";
import { accountNamed, nextNumber, repositoryNamed } from "./state.ts";
import type { Account, Hub, Issue, Pull, Repository } from "./state.ts";
import { userView } from "./views-base.ts";
import { commitView } from "./views-git.ts";
import { fileView, pullNumbered, pullView, simplePullView } from "./views-pulls.ts";
import type { PlacedPull } from "./views-pulls.ts";
import { addIssue, saveIssue } from "./writes.ts";

/** What GitHub refuses to show as a diff: files and lines. */
const diffLimit = { files: 300, lines: 20_000 };

/** The most files that the list of files has. */
const fileLimit = 3000;

export const pullRoutes: readonly Route[] = [
  inRepository("GET /pulls", needs.readPulls, (call) =>
    page(call, filtered(call), (placed) => simplePullView(call.hub, placed)),
  ),
  inRepository("POST /pulls", needs.writePulls, createPull),
  inRepository("GET /pulls/{pull_number}", needs.readPulls, showPull),
  inRepository("PATCH /pulls/{pull_number}", needs.writePulls, updatePull),
  inRepository("GET /pulls/{pull_number}/files", needs.readPulls, async (call) => {
    const { repository, pull } = pullOf(call);
    const files = await pullDiff(repository, pull);
    return page(call, files.slice(0, fileLimit), (file) =>
      fileView(call.hub, repository, { file, commit: pull.headSha }),
    );
  }),
  inRepository("GET /pulls/{pull_number}/commits", needs.readPulls, async (call) => {
    const { repository, pull } = pullOf(call);
    const commits = (await pullCommits(repository, pull)).slice(0, 250);
    const views = new Map<string, JsonObject>();
    for (const sha of commits) {
      views.set(sha, await commitView(call.hub, repository, sha));
    }
    return page(call, commits, (sha) => views.get(sha) ?? null);
  }),
  inRepository("GET /pulls/{pull_number}/merge", needs.readPulls, (call) => {
    if (pullOf(call).pull.mergedAtMs === null) {
      throw notFound();
    }
    return nothing;
  }),
  inRepository("PUT /pulls/{pull_number}/merge", needs.writeContents, async (call) => {
    const placed = pullOf(call);
    const expected = textIn(call.body, "sha");
    if (expected !== null && expected !== placed.pull.headSha) {
      throw refuse(409, "Head branch was modified. Review and try the merge again.");
    }
    const merged = await mergePull(call.hub, placed, {
      by: callerOf(call).actor,
      method: textIn(call.body, "merge_method") ?? "merge",
      title: textIn(call.body, "commit_title"),
    });
    if (merged === null) {
      throw refuse(405, "Pull Request is not mergeable");
    }
    return ok({ sha: merged, merged: true, message: "Pull Request successfully merged" });
  }),
  ...reviewerRoutes(),
];

/** The pull request in the path. */
export function pullOf(call: RepositoryCall): PlacedPull {
  const placed = pullNumbered(call.repository, numberParam(call, "pull_number"));
  if (placed === null) {
    throw notFound();
  }
  return placed;
}

/** What a new pull request says. */
export interface NewPull {
  readonly title: string;
  readonly body: string;
  readonly base: string;
  readonly headRepository: Repository;
  readonly headRef: string;
  readonly isDraft: boolean;
  readonly author: Account;
  readonly viaApp: Issue["viaApp"];
}

/** Opens a pull request; null where a branch is missing or nothing differs. */
export async function addPull(
  hub: Hub,
  repository: Repository,
  draft: NewPull,
): Promise<PlacedPull | null> {
  const { headRepository, headRef } = draft;
  const number = nextNumber(repository);
  const baseSha = await commitOf(repository.gitDir, `refs/heads/${draft.base}`);
  const head = { repository: headRepository.fullName, ref: headRef, number };
  const headSha = await fetchHead(hub, repository, head);
  const isSame =
    baseSha !== null &&
    headSha !== null &&
    (await git(repository.gitDir, ["rev-list", "--count", `${baseSha}..${headSha}`])) === "0";
  if (baseSha === null || headSha === null || isSame) {
    return null;
  }
  const issue = addIssue(
    { hub, repository },
    {
      title: draft.title,
      body: draft.body,
      author: draft.author,
      viaApp: draft.viaApp,
      labels: [],
      assignees: [],
      isPull: true,
    },
  );
  const pull: Pull = {
    id: hub.nextId(),
    number: issue.number,
    baseRef: draft.base,
    baseSha,
    headRef,
    headSha,
    headRepository: headRepository.fullName,
    isDraft: draft.isDraft,
    requestedReviewers: [],
    mergedAtMs: null,
    mergedBy: null,
    mergeCommit: null,
  };
  repository.pulls.set(pull.number, pull);
  await keepMergeRef(repository, pull);
  return { repository, pull, issue };
}

async function createPull(call: RepositoryCall): Promise<Reply> {
  const { hub, repository, body } = call;
  const { actor, app, kind } = callerOf(call);
  if (kind === "job" && !hub.features.jobsApprove) {
    throw refuse(403, "GitHub Actions is not permitted to create or approve pull requests.");
  }
  const asked = textIn(body, "head") ?? "";
  const [owner, ref] = asked.includes(":")
    ? [asked.slice(0, asked.indexOf(":")), asked.slice(asked.indexOf(":") + 1)]
    : [null, asked];
  const from = owner === null ? repository : forkOf(hub, repository, owner);
  const isOpen = [...repository.pulls.values()].some(
    (pull) =>
      pull.headRef === ref &&
      pull.baseRef === textIn(body, "base") &&
      pull.headRepository === from?.fullName &&
      repository.issues.get(pull.number)?.state === "open",
  );
  if (isOpen) {
    throw invalid("PullRequest", "head", `A pull request already exists for ${asked}.`);
  }
  const title = textIn(body, "title");
  if (title === null) {
    throw invalid("PullRequest", "title", { code: "missing_field" });
  }
  const placed =
    from === null
      ? null
      : await addPull(hub, repository, {
          title,
          body: checkedBody("PullRequest", textIn(body, "body") ?? "", true),
          base: textIn(body, "base") ?? "",
          headRepository: from,
          headRef: ref,
          isDraft: body["draft"] === true,
          author: actor,
          viaApp: app,
        });
  if (placed === null) {
    throw invalid("PullRequest", "head", { code: "invalid" });
  }
  return ok(await pullView(hub, placed), 201);
}

function forkOf(hub: Hub, repository: Repository, owner: string): Repository | null {
  const own = repository.owner.login.toLowerCase() === owner.toLowerCase() ? repository : null;
  const fork = [...hub.repositories.values()].find(
    (candidate) =>
      candidate.forkOf === repository.fullName &&
      candidate.owner.login.toLowerCase() === owner.toLowerCase(),
  );
  return own ?? fork ?? null;
}

/** The pull request as JSON, or as the text that the media type asks for. */
async function showPull(call: RepositoryCall): Promise<Reply> {
  const placed = pullOf(call);
  const accept = call.headers.accept ?? "";
  const { repository, pull } = placed;
  const format = /\b(diff|patch)\b/u.exec(accept)?.[1];
  if (format !== undefined) {
    const files = await pullDiff(repository, pull);
    const lines = files.reduce(
      (total, { additions, deletions }) => total + additions + deletions,
      0,
    );
    if (files.length > diffLimit.files || lines > diffLimit.lines) {
      throw refuse(406, "Sorry, the diff exceeded the maximum number of files (300).");
    }
    const base = await pullMergeBase(repository, pull);
    const args =
      format === "diff"
        ? ["diff", "--no-ext-diff", "-M", base, pull.headSha]
        : ["format-patch", "--stdout", `${base}..${pull.headSha}`];
    const text = await git(repository.gitDir, args);
    return { status: 200, body: null, text: `${text}\n` };
  }
  return ok(await pullView(call.hub, placed));
}

async function updatePull(call: RepositoryCall): Promise<Reply> {
  const { repository, pull, issue } = pullOf(call);
  const { hub, body } = call;
  const { actor } = callerOf(call);
  if (!maySort(call) && issue.author.id !== actor.id) {
    throw refuse(403, "Must have admin rights to Repository.");
  }
  const state = textIn(body, "state");
  const isReopened = state === "open" && issue.state === "closed";
  if (isReopened && pull.mergedAtMs !== null) {
    throw invalid("PullRequest", "state", "state cannot be changed. The pull request was merged.");
  }
  const base = textIn(body, "base");
  const baseSha =
    base === null ? pull.baseSha : await commitOf(repository.gitDir, `refs/heads/${base}`);
  if (baseSha === null) {
    throw invalid("PullRequest", "base", { code: "invalid" });
  }
  repository.pulls.set(pull.number, { ...pull, baseRef: base ?? pull.baseRef, baseSha });
  const isClosed = state === "closed" && issue.state === "open";
  saveIssue(call, {
    ...issue,
    title: textIn(body, "title") ?? issue.title,
    body: textIn(body, "body") ?? issue.body,
    state: isClosed ? "closed" : isReopened ? "open" : issue.state,
    closedAtMs: isClosed ? hub.nowMs() : isReopened ? null : issue.closedAtMs,
    closedBy: isClosed ? actor : isReopened ? null : issue.closedBy,
  });
  return ok(await pullView(hub, pullOf(call)));
}

function reviewerRoutes(): readonly Route[] {
  const path = "/pulls/{pull_number}/requested_reviewers";
  return [
    inRepository(`GET ${path}`, needs.readPulls, (call) => {
      const users = pullOf(call).pull.requestedReviewers;
      return ok({ users: users.map((account) => userView(call.hub, account)), teams: [] });
    }),
    inRepository(`POST ${path}`, needs.managePulls, (call) => {
      const { pull, issue } = pullOf(call);
      const asked = namesIn(listIn(call.body, "reviewers"), "login").map((login) => {
        const account = accountNamed(call.hub, login);
        if (account === null || account.id === issue.author.id) {
          throw refuse(422, "Reviews may only be requested from collaborators.");
        }
        return account;
      });
      const kept = pull.requestedReviewers.filter(
        ({ id }) => !asked.some((account) => account.id === id),
      );
      const now = { ...pull, requestedReviewers: [...kept, ...asked] };
      call.repository.pulls.set(pull.number, now);
      return ok(simplePullView(call.hub, pullOf(call)), 201);
    }),
    inRepository(`DELETE ${path}`, needs.managePulls, (call) => {
      const { pull } = pullOf(call);
      const names = namesIn(listIn(call.body, "reviewers"), "login");
      const gone = new Set(names.map((name) => name.toLowerCase()));
      const kept = pull.requestedReviewers.filter(({ login }) => !gone.has(login.toLowerCase()));
      call.repository.pulls.set(pull.number, { ...pull, requestedReviewers: kept });
      return ok(simplePullView(call.hub, pullOf(call)));
    }),
  ];
}

function filtered({ repository, query }: RepositoryCall): readonly PlacedPull[] {
  const state = query.get("state") ?? "open";
  const [base, head] = [query.get("base"), query.get("head")];
  const sort = query.get("sort") === "updated" ? "updatedAtMs" : "createdAtMs";
  const sign = (query.get("direction") ?? "desc") === "asc" ? 1 : -1;
  return [...repository.pulls.keys()]
    .flatMap((number) => {
      const placed = pullNumbered(repository, number);
      return placed === null ? [] : [placed];
    })
    .filter(({ pull, issue }) => {
      const owner = (pull.headRepository ?? "").split("/")[0] ?? "";
      return (
        (state === "all" || issue.state === state) &&
        (base === null || pull.baseRef === base) &&
        (head === null || `${owner}:${pull.headRef}` === head)
      );
    })
    .toSorted((a, b) => sign * (a.issue[sort] - b.issue[sort] || a.pull.number - b.pull.number));
}

/** The repository that a name of a caller's fork means; for the helpers of tests. */
export function headOf(
  hub: Hub,
  repository: Repository,
  head: string,
): { readonly repository: Repository; readonly ref: string } {
  const [name, ref] = head.includes(":") ? head.split(":", 2) : [repository.fullName, head];
  const from = repositoryNamed(hub, name ?? "") ?? forkOf(hub, repository, name ?? "");
  if (from === null) {
    throw new Error(`The fake has no repository for the head ${head}.`);
  }
  return { repository: from, ref: ref ?? "" };
}
