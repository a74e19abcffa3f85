import { hostingErrors, unsupported } from "../../core/hosting/index.ts";
import type { Issue, IssueHost, Unsupported } from "../../core/hosting/index.ts";
import { isFailure, isUnknown } from "./failures.ts";
import { readIssue } from "./issue-shapes.ts";
import type { Wire } from "./wire.ts";

const one = "/repos/{owner}/{repo}/issues/{issue_number}";

/** One kind of link between issues: where it is read, where it is written, and by which name. */
interface Kind {
  readonly list: `GET ${string}`;
  readonly add: `POST ${string}`;
  readonly key: string;
}

const child: Kind = {
  list: `GET ${one}/sub_issues`,
  add: `POST ${one}/sub_issues`,
  key: "sub_issue_id",
};
const blocker: Kind = {
  list: `GET ${one}/dependencies/blocked_by`,
  add: `POST ${one}/dependencies/blocked_by`,
  key: "issue_id",
};

type Links = Pick<IssueHost, "children" | "addChild" | "blockers" | "addBlocker" | "removeBlocker">;
type Get = IssueHost["get"];

/** Children and blockers, which hosts of some years ago do not have. */
export function createLinks(wire: Wire, get: Get): Links {
  const children = createLink(wire, get, child);
  const blockers = createLink(wire, get, blocker);
  return {
    children: children.list,
    addChild: children.add,
    blockers: blockers.list,
    addBlocker: blockers.add,
    removeBlocker: async (number, blockerId) => {
      const values = { issue_number: number, issue_id: blockerId };
      try {
        await wire.set(`DELETE ${one}/dependencies/blocked_by/{issue_id}`, values);
      } catch (error) {
        if (!isFailure(error, hostingErrors.missing)) {
          throw error;
        }
      }
    },
  };
}

interface Link {
  readonly list: (number: number) => Promise<readonly Issue[] | Unsupported>;
  readonly add: (number: number, id: number) => Promise<"added" | Unsupported>;
}

function createLink(wire: Wire, get: Get, kind: Kind): Link {
  // A host that lacks the route today lacks it for the rest of the run.
  let isMissing = false;
  const list: Link["list"] = async (number) => {
    if (isMissing) {
      return unsupported;
    }
    try {
      return (await wire.list(kind.list, { issue_number: number })).map(readIssue);
    } catch (error) {
      // The route is missing where the issue itself is there.
      if (!isFailure(error, hostingErrors.missing) || (await get(number)) === null) {
        throw error;
      }
      isMissing = true;
      return unsupported;
    }
  };
  const add: Link["add"] = async (number, id) => {
    if (isMissing) {
      return unsupported;
    }
    try {
      await wire.make(kind.add, {
        issue_number: number,
        [kind.key]: id,
      });
      return "added";
    } catch (error) {
      return explain(error, { id, linked: await linkedAfter(error, async () => list(number)) });
    }
  };
  return { list, add };
}

/** What is linked now, where the failure may be that it is linked already or that there are no links. */
async function linkedAfter(
  error: unknown,
  list: () => Promise<readonly Issue[] | Unsupported>,
): Promise<readonly Issue[] | Unsupported> {
  const isWorthALook =
    isUnknown(error) ||
    isFailure(error, hostingErrors.rejected) ||
    isFailure(error, hostingErrors.missing);
  return isWorthALook ? list() : [];
}

function explain(
  error: unknown,
  { id, linked }: { readonly id: number; readonly linked: readonly Issue[] | Unsupported },
): "added" | Unsupported {
  if (linked === unsupported) {
    return unsupported;
  }
  if (linked.some((issue) => issue.id === id)) {
    return "added";
  }
  throw error;
}
