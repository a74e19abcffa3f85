import { GraphQLError } from "graphql";
import { isGranted, sees } from "./access.ts";
import {
  commentIn,
  isResolver,
  missing,
  nodeIn,
  threadIn,
  threadNode,
} from "./graphql-resolvers.ts";
import type { Node } from "./graphql-resolvers.ts";
import type { GraphqlContext } from "./graphql.ts";
import { objectIn, textIn } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { needs } from "./needs.ts";
import type { Repository, ReviewComment } from "./state.ts";
import { atLeast, roleOf } from "./views-base.ts";

export const mutations: Node = {
  resolveReviewThread: (args: JsonObject, context: GraphqlContext) => {
    const { repository, root } = threadFor(args, context);
    repository.resolvedThreads.set(root.id, context.identity.actor);
    return payload(args, { thread: threadNode(repository, root, context) });
  },
  unresolveReviewThread: (args: JsonObject, context: GraphqlContext) => {
    const { repository, root } = threadFor(args, context);
    repository.resolvedThreads.delete(root.id);
    return payload(args, { thread: threadNode(repository, root, context) });
  },
  minimizeComment: (args: JsonObject, context: GraphqlContext) => {
    const reason = textIn(inputOf(args), "classifier") ?? "";
    return payload(args, { minimizedComment: minimize(args, context, reason.toLowerCase()) });
  },
  unminimizeComment: (args: JsonObject, context: GraphqlContext) =>
    payload(args, { unminimizedComment: minimize(args, context, null) }),
};

function inputOf(args: JsonObject): JsonObject {
  return objectIn(args, "input") ?? {};
}

function payload(args: JsonObject, fields: Node): Node {
  return { clientMutationId: textIn(inputOf(args), "clientMutationId"), ...fields };
}

function forbidden(): GraphQLError {
  return new GraphQLError("Resource not accessible by integration", {
    extensions: { type: "FORBIDDEN" },
  });
}

/**
 * The thread of a mutation.
 *
 * Tokens of jobs and fine-grained tokens of people are refused, as users report of GitHub; an installation needs the permission to
 * write pull requests.
 */
function threadFor(
  args: JsonObject,
  { hub, identity }: GraphqlContext,
): { readonly repository: Repository; readonly root: ReviewComment } {
  const id = textIn(inputOf(args), "threadId") ?? "";
  for (const repository of hub.repositories.values()) {
    const root = sees(repository, identity) ? threadIn(repository, id) : null;
    if (root !== null) {
      if (!isResolver(repository, root, identity)) {
        throw forbidden();
      }
      return { repository, root };
    }
  }
  throw missing(`Could not resolve to a node with the global id of '${id}'`);
}

function minimize(args: JsonObject, context: GraphqlContext, reason: string | null): Node {
  const { hub, identity } = context;
  const id = textIn(inputOf(args), "subjectId") ?? "";
  for (const repository of hub.repositories.values()) {
    const comment = sees(repository, identity) ? commentIn(repository, id) : null;
    if (comment !== null) {
      const isTalk = "issueNumber" in comment;
      const need = isTalk ? { ...needs.writeIssues, orPulls: true } : needs.writePulls;
      const isOwn = comment.author.id === identity.actor.id;
      const isManager =
        identity.kind === "user"
          ? isOwn || atLeast(roleOf(repository, identity.actor), "write")
          : true;
      if (!isGranted(identity, need) || !isManager) {
        throw forbidden();
      }
      const minimized = { minimized: reason };
      if (isTalk) {
        repository.comments.set(comment.id, { ...comment, ...minimized });
      } else {
        repository.reviewComments.set(comment.id, { ...comment, ...minimized });
      }
      return nodeIn(repository, id, context) ?? {};
    }
  }
  throw missing(`Could not resolve to a node with the global id of '${id}'`);
}
