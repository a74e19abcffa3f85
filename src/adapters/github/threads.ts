import { isLooseObject, ownObject, ownText, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { hostingErrors } from "../../core/hosting/index.ts";
import type {
  PullHost,
  Reactions,
  RepositoryName,
  ReviewThread,
  ThreadComment,
  User,
} from "../../core/hosting/index.ts";
import { isFailure } from "./failures.ts";
import { countOf, ghost, needId, needList, needText, needTimeMs } from "./shapes.ts";
import { commentsQuery, resolveMutation, threadsQuery } from "./thread-queries.ts";
import type { Parts } from "./issues.ts";
import type { Wire } from "./wire.ts";

/** A pull request with more than this many pages of threads, or a thread of comments, is read in part. */
const maxPages = 40;

type Threads = Pick<PullHost, "threads" | "resolveThread">;

/** What threads need beside the wire. */
export interface ThreadsContext {
  readonly name: RepositoryName;
  /** Told who the token is whenever threads are read: then it need not be asked for. */
  readonly onViewer: (viewer: LooseObject) => void;
}

export function createThreads({ wire, self }: Parts, { name, onViewer }: ThreadsContext): Threads {
  return {
    threads: async (number) => {
      const [owner = "", repo = ""] = name.split("/");
      const nodes = await pagesOf(async (after) => {
        const data = await wire.graph.query(threadsQuery, { owner, repo, number, after });
        onViewer(ownObject(data, "viewer"));
        const pull = ownObject(ownObject(data, "repository"), "pullRequest");
        if (!isLooseObject(ownValue(pull, "reviewThreads"))) {
          throw new SkeinError(hostingErrors.missing, { facts: { pull: number } });
        }
        return ownObject(pull, "reviewThreads");
      });
      const { id } = await self();
      return Promise.all(nodes.map(async (node) => readThread(wire, node, id)));
    },
    resolveThread: async (id) => {
      try {
        await wire.graph.set(resolveMutation, { id });
        return "resolved";
      } catch (error) {
        if (isFailure(error, hostingErrors.denied)) {
          return "denied";
        }
        throw error;
      }
    },
  };
}

async function readThread(wire: Wire, thread: LooseObject, own: number): Promise<ReviewThread> {
  const id = needText(thread, "id");
  const resolvedBy = ownValue(thread, "resolvedBy");
  const first = ownObject(thread, "comments");
  const comments = await pagesOf(async (after) => {
    if (after === null) {
      return first;
    }
    const data = await wire.graph.query(commentsQuery, { id, after });
    return ownObject(ownObject(data, "node"), "comments");
  });
  return {
    id,
    path: needText(thread, "path"),
    line: countOf(thread, "line"),
    isResolved: ownValue(thread, "isResolved") === true,
    resolvedBy: isLooseObject(resolvedBy) ? readActor(resolvedBy) : null,
    isOutdated: ownValue(thread, "isOutdated") === true,
    comments: comments.map((comment) => readThreadComment(comment, own)),
  };
}

/** All nodes of a connection, page by page. */
async function pagesOf(
  ask: (after: string | null) => Promise<LooseObject>,
): Promise<readonly LooseObject[]> {
  const nodes: LooseObject[] = [];
  let after: string | null = null;
  for (let page = 0; page < maxPages; page += 1) {
    const connection: LooseObject = await ask(after);
    nodes.push(...needList(ownValue(connection, "nodes"), "nodes"));
    const { hasNextPage, endCursor } = ownObject(connection, "pageInfo");
    if (hasNextPage !== true || typeof endCursor !== "string") {
      break;
    }
    after = endCursor;
  }
  return nodes;
}

function readThreadComment(comment: LooseObject, own: number): ThreadComment {
  const author = ownValue(comment, "author");
  return {
    id: needId(comment, "databaseId"),
    author: isLooseObject(author) ? readActor(author) : ghost,
    body: ownText(comment, "body") ?? "",
    reactions: reactionsOf(comment, own),
    createdAtMs: needTimeMs(comment, "createdAt"),
  };
}

/** Here an App's account is named without what the other language puts behind it. */
function readActor(actor: LooseObject): User {
  const login = needText(actor, "login");
  const isBot = ownText(actor, "__typename") === "Bot" || login.endsWith("[bot]");
  return {
    id: countOf(actor, "databaseId") ?? 0,
    login: isBot && !login.endsWith("[bot]") ? `${login}[bot]` : login,
    kind: isBot ? "bot" : "person",
  };
}

/** Our own account's are left out; an App's thumb has no user in this language. */
function reactionsOf(comment: LooseObject, own: number): Reactions {
  const nodes = needList(ownValue(ownObject(comment, "reactions"), "nodes"), "reactions");
  const whose = (content: string): readonly User[] =>
    nodes.flatMap((node) => {
      const user = ownValue(node, "user");
      const by = isLooseObject(user) ? readActor(user) : null;
      const isMeant = ownText(node, "content") === content && by?.id !== own;
      return by !== null && isMeant ? [by] : [];
    });
  return { up: whose("THUMBS_UP"), down: whose("THUMBS_DOWN") };
}
