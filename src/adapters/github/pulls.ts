import { ownText } from "../../core/base/loose-object.ts";
import type { PullHost } from "../../core/hosting/index.ts";
import { createOnce, markOf } from "./creating.ts";
import { hostingErrors } from "../../core/hosting/index.ts";
import { isFailure } from "./failures.ts";
import type { Parts } from "./issues.ts";
import { readPull, readVerdict } from "./pull-shapes.ts";
import { createReviews } from "./reviews.ts";
import { userOf } from "./shapes.ts";
import { createThreads } from "./threads.ts";
import type { ThreadsContext } from "./threads.ts";

const pulls = "/repos/{owner}/{repo}/pulls";
const one = `${pulls}/{pull_number}`;

export function createPulls(parts: Parts, context: ThreadsContext): PullHost {
  const { wire } = parts;
  const { name } = context;
  return {
    ...createThreads(parts, context),
    publishReview: createReviews(parts),
    get: async (number) => {
      const found = await wire.find(`GET ${one}`, { pull_number: number });
      return found === null ? null : readPull(found);
    },
    open: async (headBranch) => {
      const [owner = ""] = name.split("/");
      const head = headBranch === undefined ? {} : { head: `${owner}:${headBranch}` };
      const values = { state: "open", sort: "created", direction: "desc", ...head };
      const found = (await wire.list(`GET ${pulls}`, values, () => true)).map(readPull);
      return headBranch === undefined ? found : found.filter((pull) => !pull.isFork);
    },
    ofCommit: async (sha) => {
      try {
        const route = "GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls";
        return (await wire.list(route, { commit_sha: sha })).map(readPull);
      } catch (error) {
        // A commit that the host does not have is in no pull request.
        if (
          isFailure(error, hostingErrors.missing) ||
          isFailure(error, hostingErrors.rejected, 422)
        ) {
          return [];
        }
        throw error;
      }
    },
    verdicts: async (number) => {
      const rows = await wire.list(`GET ${one}/reviews`, { pull_number: number });
      return rows.map(readVerdict).filter((verdict) => verdict !== null);
    },
    reply: async (number, commentId, body) => reply(parts, { number, commentId, body }),
  };
}

interface Reply {
  readonly number: number;
  readonly commentId: number;
  readonly body: string;
}

async function reply({ wire, self }: Parts, { number, commentId, body }: Reply): Promise<void> {
  const mark = markOf(body);
  const make = async (): Promise<true> => {
    const values = { pull_number: number, comment_id: commentId, body };
    await wire.make(`POST ${one}/comments/{comment_id}/replies`, values);
    return true;
  };
  const look = async (): Promise<true | null> => {
    const { id } = await self();
    const values = { pull_number: number, sort: "created", direction: "desc" };
    const rows = await wire.list(`GET ${one}/comments`, values);
    const isMade = rows.some(
      (row) => userOf(row, "user").id === id && markOf(ownText(row, "body") ?? "") === mark,
    );
    return isMade ? true : null;
  };
  await createOnce({ make, look }, mark !== null);
}
