const actor = `__typename login
  ... on User { databaseId }
  ... on Bot { databaseId }
  ... on Mannequin { databaseId }
  ... on Organization { databaseId }`;

const comment = `databaseId body createdAt
  author { ${actor} }
  reactions(first: 20) { nodes { content user { login databaseId } } }`;

const page = "pageInfo { hasNextPage endCursor }";

const viewer = "viewer { login databaseId }";

/** Threads of a pull request with their first comments, and who asks. 50 times 50 comments are within the host's limit of nodes. */
export const threadsQuery = `query SkeinThreads($owner: String!, $repo: String!, $number: Int!, $after: String) {
  ${viewer}
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) {
      reviewThreads(first: 50, after: $after) {
        ${page}
        nodes {
          id path line isResolved isOutdated
          resolvedBy { __typename login databaseId }
          comments(first: 50) { ${page} nodes { ${comment} } }
        }
      }
    }
  }
}`;

/** More comments of one thread. */
export const commentsQuery = `query SkeinComments($id: ID!, $after: String) {
  node(id: $id) {
    ... on PullRequestReviewThread {
      comments(first: 100, after: $after) { ${page} nodes { ${comment} } }
    }
  }
}`;

export const resolveMutation = `mutation SkeinResolve($id: ID!) {
  resolveReviewThread(input: { threadId: $id }) { thread { id isResolved } }
}`;

/** Who the token is: the one question that every kind of token may ask. */
export const viewerQuery = `query SkeinViewer { ${viewer} }`;
