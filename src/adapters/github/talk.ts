import type { IssueComment, IssueHost, ReactionTarget } from "../../core/hosting/index.ts";
import { createOnce, markOf } from "./creating.ts";
import { readComment } from "./issue-shapes.ts";
import type { Parts } from "./issues.ts";
import type { Values } from "./wire.ts";

const issues = "/repos/{owner}/{repo}/issues";
const one = `${issues}/{issue_number}`;

type Talk = Pick<IssueHost, "comments" | "comment" | "editComment" | "react">;

/** The conversation of an issue or a pull request. */
export function createTalk({ wire, self }: Parts): Talk {
  const comments = async (number: number): Promise<readonly IssueComment[]> => {
    const rows = await wire.list(`GET ${one}/comments`, { issue_number: number });
    return rows.map(readComment);
  };
  return {
    comments,
    comment: async (number, body) => {
      const mark = markOf(body);
      const make = async () =>
        readComment(await wire.make(`POST ${one}/comments`, { issue_number: number, body }));
      const look = async () => {
        const { id } = await self();
        const own = (await comments(number)).filter(({ author }) => author.id === id);
        return own.find((comment) => markOf(comment.body) === mark) ?? null;
      };
      return createOnce({ make, look }, mark !== null);
    },
    editComment: async (id, body) =>
      readComment(
        await wire.set(`PATCH ${issues}/comments/{comment_id}`, { comment_id: id, body }),
      ),
    react: async (target, content) => {
      const { place, values } = reactionPlace(target);
      await wire.set(`POST ${place}/reactions`, { ...values, content });
    },
  };
}

interface ReactionPlace {
  readonly place: string;
  readonly values: Values;
}

function reactionPlace({ on, id }: ReactionTarget): ReactionPlace {
  switch (on) {
    case "issue":
      return { place: one, values: { issue_number: id } };
    case "issue-comment":
      return { place: `${issues}/comments/{comment_id}`, values: { comment_id: id } };
    case "review-comment":
      return {
        place: "/repos/{owner}/{repo}/pulls/comments/{comment_id}",
        values: { comment_id: id },
      };
    default:
      return on satisfies never;
  }
}
