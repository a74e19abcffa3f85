import { GraphQLError } from "graphql";
import { isGranted, sees } from "./access.ts";
import { closedBy } from "./closing.ts";
import { objectNode } from "./graphql-objects.ts";
import { numberIn, textIn } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { needs } from "./needs.ts";
import type { GraphqlContext } from "./graphql.ts";
import { issueById, nodeIdOf, parentOf, repositoryNamed, timeOf } from "./state.ts";
import type {
  Account,
  Hub,
  Identity,
  IssueComment,
  PlacedIssue,
  Repository,
  Review,
  ReviewComment,
} from "./state.ts";
import { atLeast, associationOf, roleOf } from "./views-base.ts";
import { pageOf, placed, reactionContents } from "./views-issues.ts";
import { pullNumbered, reviewCommentView } from "./views-pulls.ts";
import type { PlacedPull } from "./views-pulls.ts";

/** An object of GraphQL: values, and functions of arguments. */
export type Node = Readonly<Record<string, unknown>>;

export const queries: Node = {
  viewer: (_: JsonObject, { identity }: GraphqlContext) => actorNode(identity.actor),
  repository: (args: JsonObject, context: GraphqlContext) => {
    const name = `${textIn(args, "owner") ?? ""}/${textIn(args, "name") ?? ""}`;
    const repository = repositoryNamed(context.hub, name);
    if (repository === null || !sees(repository, context.identity)) {
      throw missing(`Could not resolve to a Repository with the name '${name}'.`);
    }
    return repositoryNode(repository, context);
  },
  node: (args: JsonObject, context: GraphqlContext) => {
    const id = textIn(args, "id") ?? "";
    for (const repository of context.hub.repositories.values()) {
      const found = sees(repository, context.identity) ? nodeIn(repository, id, context) : null;
      if (found !== null) {
        return found;
      }
    }
    throw missing(`Could not resolve to a node with the global id of '${id}'`);
  },
};

export function missing(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type: "NOT_FOUND" } });
}

/** A list in pages. The cursor is the index of an entry. */
function connection<Item>(items: readonly Item[], view: (item: Item) => Node) {
  return (args: JsonObject): Node => {
    const [first, last] = [numberIn(args, "first"), numberIn(args, "last")];
    if (first === null && last === null) {
      // A count alone needs no bounds.
      return { totalCount: items.length, nodes: unbounded, edges: unbounded, pageInfo: unbounded };
    }
    if ((first ?? last ?? 0) > 100) {
      throw new GraphQLError("Requesting more than 100 records on the connection is too much.", {
        extensions: { type: "EXCESSIVE_PAGINATION" },
      });
    }
    const after = cursorIn(args, "after") ?? -1;
    const before = cursorIn(args, "before") ?? items.length;
    const all = items.map((item, at) => ({ item, at }));
    const between = all.filter(({ at }) => at > after && at < before);
    const shown = first === null ? between.slice(-(last ?? 0)) : between.slice(0, first);
    const [start, end] = [shown.at(0)?.at ?? null, shown.at(-1)?.at ?? null];
    return {
      totalCount: items.length,
      nodes: shown.map(({ item }) => view(item)),
      edges: shown.map(({ item, at }) => ({ cursor: cursorOf(at), node: view(item) })),
      pageInfo: {
        hasNextPage: end !== null && end < items.length - 1,
        hasPreviousPage: start !== null && start > 0,
        startCursor: start === null ? null : cursorOf(start),
        endCursor: end === null ? null : cursorOf(end),
      },
    };
  };
}

function unbounded(): never {
  throw new GraphQLError(
    "You must provide a `first` or `last` value to properly paginate the connection.",
    { extensions: { type: "MISSING_PAGINATION_BOUNDARIES" } },
  );
}

function cursorOf(at: number): string {
  return Buffer.from(`cursor:${String(at)}`).toString("base64");
}

function cursorIn(args: JsonObject, field: string): number | null {
  const text = textIn(args, field);
  return text === null
    ? null
    : Number(Buffer.from(text, "base64").toString("utf8").replace("cursor:", ""));
}

/** GraphQL leaves `[bot]` out of the login of a bot. */
function actorNode(account: Account): Node {
  return {
    __typename: account.type,
    id: nodeIdOf("U", account.id),
    login: account.login.replace(/\[bot\]$/u, ""),
    databaseId: account.id,
  };
}

function repositoryNode(repository: Repository, context: GraphqlContext): Node {
  const { hub, identity } = context;
  return {
    __typename: "Repository",
    id: nodeIdOf("R", repository.id),
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner: repository.fullName,
    owner: actorNode(repository.owner),
    isPrivate: repository.isPrivate,
    isFork: repository.forkOf !== null,
    url: `${hub.webUrl}/${repository.fullName}`,
    object: async (args: JsonObject) => objectNode(repository, args, identity),
    pullRequest: (args: JsonObject) => {
      const number = numberIn(args, "number") ?? 0;
      const found = pullNumbered(repository, number);
      if (found === null || !isGranted(identity, needs.readPulls)) {
        throw missing(`Could not resolve to a PullRequest with the number of ${String(number)}.`);
      }
      return pullNode(found, context);
    },
    issue: (args: JsonObject) => {
      const number = numberIn(args, "number") ?? 0;
      const issue = repository.issues.get(number);
      if (issue === undefined || issue.isPull || !isGranted(identity, needs.readIssues)) {
        throw missing(`Could not resolve to an Issue with the number of ${String(number)}.`);
      }
      return issueNode({ repository, issue }, context);
    },
  };
}

function talkFields({ repository, issue }: PlacedIssue, { hub }: GraphqlContext): Node {
  const comments = [...repository.comments.values()].filter(
    ({ issueNumber }) => issueNumber === issue.number,
  );
  return {
    number: issue.number,
    title: issue.title,
    body: issue.body ?? "",
    author: actorNode(issue.author),
    authorAssociation: associationOf(repository, issue.author),
    createdAt: timeOf(issue.createdAtMs),
    updatedAt: timeOf(issue.updatedAtMs),
    closed: issue.state === "closed",
    url: pageOf(hub, repository, issue),
    comments: connection(comments, (comment) => issueCommentNode(repository, comment)),
    labels: connection(issue.labels, (name) => ({ __typename: "Label", name })),
  };
}

function issueNode(found: PlacedIssue, context: GraphqlContext): Node {
  const { hub } = context;
  const { issue } = found;
  const children = placed(hub, hub.children.get(issue.id) ?? []);
  const completed = children.filter((child) => child.issue.state === "closed").length;
  const total = children.length;
  return {
    ...talkFields(found, context),
    __typename: "Issue",
    id: nodeIdOf("I", issue.id),
    databaseId: issue.id,
    state: issue.state.toUpperCase(),
    stateReason: issue.stateReason?.toUpperCase() ?? null,
    parent: () => {
      const parent = parentOf(hub, issue.id);
      return parent === null ? null : issueNode(parent, context);
    },
    subIssues: connection(children, (child) => issueNode(child, context)),
    subIssuesSummary: {
      total,
      completed,
      percentCompleted: total === 0 ? 0 : Math.round((completed * 100) / total),
    },
  };
}

function pullNode(found: PlacedPull, context: GraphqlContext): Node {
  const { repository, pull, issue } = found;
  const state = pull.mergedAtMs === null ? issue.state.toUpperCase() : "MERGED";
  const reviews = [...repository.reviews.values()].filter(
    (review) => review.pullNumber === pull.number && review.state !== "PENDING",
  );
  return {
    ...talkFields(found, context),
    __typename: "PullRequest",
    id: nodeIdOf("PR", issue.id),
    databaseId: pull.id,
    fullDatabaseId: String(pull.id),
    state,
    merged: pull.mergedAtMs !== null,
    isDraft: pull.isDraft,
    headRefOid: pull.headSha,
    headRefName: pull.headRef,
    baseRefOid: pull.baseSha,
    baseRefName: pull.baseRef,
    isCrossRepository: pull.headRepository !== repository.fullName,
    reviewThreads: connection(threadsOf(repository, pull.number), (root) =>
      threadNode(repository, root, context),
    ),
    reviews: connection(reviews, (review) => reviewNode(repository, review)),
    closingIssuesReferences: connection(closedBy(repository, issue.body ?? ""), (closed) =>
      issueNode({ repository, issue: closed }, context),
    ),
  };
}

function threadsOf(repository: Repository, number: number): readonly ReviewComment[] {
  return [...repository.reviewComments.values()].filter(
    ({ pullNumber, inReplyTo, reviewId }) =>
      pullNumber === number &&
      inReplyTo === null &&
      repository.reviews.get(reviewId)?.state !== "PENDING",
  );
}

export function threadNode(
  repository: Repository,
  root: ReviewComment,
  context: GraphqlContext,
): Node {
  const { original, current } = root;
  const comments = [...repository.reviewComments.values()].filter(
    ({ id, inReplyTo }) => id === root.id || inReplyTo === root.id,
  );
  const resolvedBy = repository.resolvedThreads.get(root.id);
  const mayResolve = isResolver(repository, root, context.identity);
  return {
    __typename: "PullRequestReviewThread",
    id: nodeIdOf("PRRT", root.id),
    isResolved: resolvedBy !== undefined,
    isCollapsed: resolvedBy !== undefined,
    isOutdated: current === null,
    resolvedBy: resolvedBy === undefined ? null : actorNode({ ...resolvedBy, type: "User" }),
    path: current?.path ?? original.path,
    diffSide: original.side,
    startDiffSide: original.startSide,
    line: current?.line ?? null,
    startLine: current?.startLine ?? null,
    originalLine: original.line,
    originalStartLine: original.startLine,
    subjectType: original.line === null ? "FILE" : "LINE",
    viewerCanReply: true,
    viewerCanResolve: mayResolve && resolvedBy === undefined,
    viewerCanUnresolve: mayResolve && resolvedBy !== undefined,
    repository: () => repositoryNode(repository, context),
    pullRequest: () => {
      const found = pullNumbered(repository, root.pullNumber);
      return found === null ? null : pullNode(found, context);
    },
    comments: connection(comments, (comment) =>
      reviewCommentNode(repository, comment, context.hub),
    ),
  };
}

function reviewCommentNode(repository: Repository, comment: ReviewComment, hub: Hub): Node {
  const { original, current } = comment;
  const shown = reviewCommentView(hub, repository, comment);
  return {
    ...saidFields(repository, comment),
    ...reactionFields(repository, `review-comment:${String(comment.id)}`),
    __typename: "PullRequestReviewComment",
    id: nodeIdOf("PRRC", comment.id),
    databaseId: comment.id,
    fullDatabaseId: String(comment.id),
    path: current?.path ?? original.path,
    line: current?.line ?? null,
    originalLine: original.line,
    startLine: current?.startLine ?? null,
    originalStartLine: original.startLine,
    diffHunk: comment.diffHunk,
    outdated: current === null,
    url: shown["html_url"],
    replyTo: () => {
      const parent = repository.reviewComments.get(comment.inReplyTo ?? 0);
      return parent === undefined ? null : reviewCommentNode(repository, parent, hub);
    },
    commit: { __typename: "Commit", oid: comment.commit },
    originalCommit: { __typename: "Commit", oid: comment.originalCommit },
  };
}

function issueCommentNode(repository: Repository, comment: IssueComment): Node {
  return {
    ...saidFields(repository, comment),
    ...reactionFields(repository, `comment:${String(comment.id)}`),
    __typename: "IssueComment",
    id: nodeIdOf("IC", comment.id),
    databaseId: comment.id,
    fullDatabaseId: String(comment.id),
  };
}

function reviewNode(repository: Repository, review: Review): Node {
  return {
    __typename: "PullRequestReview",
    id: nodeIdOf("PRR", review.id),
    databaseId: review.id,
    fullDatabaseId: String(review.id),
    state: review.state,
    body: review.body,
    author: actorNode(review.author),
    authorAssociation: associationOf(repository, review.author),
    submittedAt: review.submittedAtMs === null ? null : timeOf(review.submittedAtMs),
    commit: { __typename: "Commit", oid: review.commitId },
  };
}

function saidFields(repository: Repository, said: IssueComment | ReviewComment): Node {
  return {
    author: actorNode(said.author),
    authorAssociation: associationOf(repository, said.author),
    body: said.body,
    createdAt: timeOf(said.createdAtMs),
    updatedAt: timeOf(said.updatedAtMs),
    isMinimized: said.minimized !== null,
    minimizedReason: said.minimized,
  };
}

/** The words of GraphQL for reactions. */
const reactionNames: Readonly<Record<string, string>> = {
  "+1": "THUMBS_UP",
  "-1": "THUMBS_DOWN",
  laugh: "LAUGH",
  confused: "CONFUSED",
  heart: "HEART",
  hooray: "HOORAY",
  rocket: "ROCKET",
  eyes: "EYES",
};

function reactionFields(repository: Repository, on: string): Node {
  const all = [...repository.reactions.values()].filter((reaction) => reaction.on === on);
  return {
    reactions: connection(all, (reaction) => ({
      __typename: "Reaction",
      id: nodeIdOf("REA", reaction.id),
      databaseId: reaction.id,
      content: reactionNames[reaction.content],
      createdAt: timeOf(reaction.createdAtMs),
      user: actorNode({ ...reaction.author, type: "User" }),
    })),
    reactionGroups: reactionContents.map((content) => {
      const own = all.filter((reaction) => reaction.content === content);
      return {
        content: reactionNames[content],
        viewerHasReacted: (_: JsonObject, { identity }: GraphqlContext) =>
          own.some(({ author }) => author.id === identity.actor.id),
        reactors: connection(own, ({ author }) => actorNode(author)),
        users: connection(own, ({ author }) => actorNode({ ...author, type: "User" })),
      };
    }),
  };
}

export function nodeIn(repository: Repository, id: string, context: GraphqlContext): Node | null {
  const root = threadIn(repository, id);
  if (root !== null) {
    return threadNode(repository, root, context);
  }
  const comment = commentIn(repository, id);
  if (comment !== null) {
    return "issueNumber" in comment
      ? issueCommentNode(repository, comment)
      : reviewCommentNode(repository, comment, context.hub);
  }
  const number = [...repository.issues.values()].find(
    (issue) => nodeIdOf(issue.isPull ? "PR" : "I", issue.id) === id,
  );
  const found = number === undefined ? null : issueById(context.hub, number.id);
  const pull = found === null ? null : pullNumbered(repository, found.issue.number);
  return pull === null
    ? found === null
      ? null
      : issueNode(found, context)
    : pullNode(pull, context);
}

export function threadIn(repository: Repository, id: string): ReviewComment | null {
  const roots = [...repository.reviewComments.values()];
  return roots.find((root) => root.inReplyTo === null && nodeIdOf("PRRT", root.id) === id) ?? null;
}

export function commentIn(repository: Repository, id: string): IssueComment | ReviewComment | null {
  const comments = [...repository.comments.values()];
  const reviewComments = [...repository.reviewComments.values()];
  return (
    comments.find((comment) => nodeIdOf("IC", comment.id) === id) ??
    reviewComments.find((comment) => nodeIdOf("PRRC", comment.id) === id) ??
    null
  );
}

export function isResolver(
  repository: Repository,
  root: ReviewComment,
  identity: Identity,
): boolean {
  switch (identity.kind) {
    case "installation":
      return isGranted(identity, needs.writePulls);
    case "user": {
      const isAuthor = repository.issues.get(root.pullNumber)?.author.id === identity.actor.id;
      const role = roleOf(repository, identity.actor);
      return identity.permissions === null && (isAuthor || atLeast(role, "write"));
    }
    case "job":
    case "app":
      return false;
  }
}
