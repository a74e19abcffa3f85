import type {
  Issue,
  IssueChange,
  IssueFilter,
  IssueHost,
  NewIssue,
  User,
} from "../../core/hosting/index.ts";
import { ownText, ownValue } from "../../core/base/loose-object.ts";
import { hostingErrors } from "../../core/hosting/index.ts";
import { createOnce, markOf } from "./creating.ts";
import { isFailure } from "./failures.ts";
import { createLinks } from "./issue-links.ts";
import { isPullRequest, readIssue } from "./issue-shapes.ts";
import { needList, needObject } from "./shapes.ts";
import { createTalk } from "./talk.ts";
import { orNull } from "./wire.ts";
import type { Values, Wire } from "./wire.ts";

const issues = "/repos/{owner}/{repo}/issues";
const one = `${issues}/{issue_number}`;

/** What the parts of a code host share. */
export interface Parts {
  readonly wire: Wire;
  readonly self: () => Promise<User>;
}

export function createIssues({ wire, self }: Parts): IssueHost {
  const get = async (number: number): Promise<Issue | null> => {
    const found = await wire.find(`GET ${one}`, { issue_number: number });
    return found === null ? null : readIssue(found);
  };
  return {
    ...createLinks(wire, get),
    ...createTalk({ wire, self }),
    get,
    list: async (filter) => listIssues(wire, filter),
    create: async (issue) =>
      createOnce(
        {
          make: async () => readIssue(await wire.make(`POST ${issues}`, { ...issue })),
          look: async () => findIssue(wire, issue, await self()),
        },
        markOf(issue.body) !== null,
      ),
    update: async (number, change) =>
      readIssue(await wire.set(`PATCH ${one}`, { issue_number: number, ...changeOf(change) })),
    addLabels: async (number, labels) => {
      await wire.set(`POST ${one}/labels`, { issue_number: number, labels });
    },
    assign: async (number, login) => assign(wire, number, login),
    removeLabel: async (number, label) => {
      await orNull(wire.set(`DELETE ${one}/labels/{name}`, { issue_number: number, name: label }));
    },
  };
}

/** Who cannot be assigned is left out without a word, and whom the host does not know it refuses. */
async function assign(wire: Wire, number: number, login: string): Promise<boolean> {
  try {
    const values = { issue_number: number, assignees: [login] };
    const answer = needObject(await wire.set(`POST ${one}/assignees`, values), "the issue");
    return needList(ownValue(answer, "assignees"), "assignees").some(
      (each) => ownText(each, "login")?.toLowerCase() === login.toLowerCase(),
    );
  } catch (error) {
    if (isFailure(error, hostingErrors.rejected, 422)) {
      return false;
    }
    throw error;
  }
}

async function listIssues(wire: Wire, filter: IssueFilter): Promise<readonly Issue[]> {
  const { state, labels = [], changedSinceMs, limit } = filter;
  const rows = await wire.list(
    `GET ${issues}`,
    {
      state,
      sort: "created",
      direction: "desc",
      ...(labels.length === 0 ? {} : { labels: labels.join(",") }),
      ...(changedSinceMs === undefined ? {} : { since: new Date(changedSinceMs).toISOString() }),
    },
    (sofar) => sofar.filter((row) => !isPullRequest(row)).length >= limit,
  );
  return rows
    .filter((row) => !isPullRequest(row))
    .slice(0, limit)
    .map(readIssue);
}

/** Of the last hundred that our account made, the one with the same mark. */
async function findIssue(wire: Wire, { body }: NewIssue, self: User): Promise<Issue | null> {
  const values = { state: "all", creator: self.login, sort: "created", direction: "desc" };
  const rows = await wire.list(`GET ${issues}`, values, () => true);
  return rows.map(readIssue).find((issue) => markOf(issue.body) === markOf(body)) ?? null;
}

function changeOf({ title, body, labels, state }: IssueChange): Values {
  return {
    ...(title === undefined ? {} : { title }),
    ...(body === undefined ? {} : { body }),
    ...(labels === undefined ? {} : { labels }),
    ...(state === undefined ? {} : stateOf(state)),
  };
}

function stateOf(state: NonNullable<IssueChange["state"]>): Values {
  return state.isOpen
    ? { state: "open", state_reason: "reopened" }
    : { state: "closed", state_reason: state.closedAs };
}
