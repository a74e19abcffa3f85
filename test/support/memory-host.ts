import { SkeinError } from "../../src/core/base/errors.ts";
import { hostingErrors, parseRepositoryName, unsupported } from "../../src/core/hosting/index.ts";
import type {
  CodeHost,
  Issue,
  IssueChange,
  IssueComment,
  IssueFilter,
  IssueHost,
  NewIssue,
  Permission,
  User,
} from "../../src/core/hosting/index.ts";

/** What a host can do, and what its answers leave out. */
export interface HostCaps {
  /** False: an Enterprise Server without sub-issues and dependencies. */
  readonly hasSubIssues: boolean;
  /** False: lists do not say who closed an issue. */
  readonly listsClosers: boolean;
}

/** When a call fails: before it does anything, or after it did it, so that only its answer is lost. */
export type FaultMoment = "after" | "before";

export type CloseReason = "completed" | "duplicate" | "not_planned";

/** A code host in memory: Skein's side of it, and the hands of everybody else who uses it. */
export interface MemoryHost {
  readonly host: CodeHost;
  readonly bot: User;
  /** Every call that Skein made, by name; emptied by whoever counts. */
  readonly calls: string[];
  /** Makes the n-th call from now fail, counted from 1; 0: none. */
  failAt(call: number, moment: FaultMoment): void;
  person(login: string, permission: Permission): User;
  robot(login: string, permission: Permission): User;
  open(by: User, issue: Partial<NewIssue> & { readonly title: string }): Issue;
  close(number: number, by: User, as?: CloseReason): void;
  reopen(number: number): void;
  edit(number: number, change: Partial<Pick<Issue, "body" | "labels" | "title">>): void;
  remove(number: number): void;
  say(number: number, by: User, body: string): IssueComment;
  editComment(id: number, body: string): void;
  deleteComment(id: number): void;
  issue(number: number): Issue;
  /** The oldest first. */
  issues(): readonly Issue[];
  comments(number: number): readonly IssueComment[];
  /** Numbers of the children under an issue. */
  children(number: number): readonly number[];
  /** Somebody takes away what stands under an issue, and what it waits for. */
  loosen(number: number): void;
  /** Numbers of the issues that block one. */
  blockers(number: number): readonly number[];
}

interface World {
  readonly caps: HostCaps;
  readonly issues: Map<number, Issue>;
  readonly comments: Map<number, IssueComment & { readonly issue: number }>;
  readonly permissions: Map<string, Permission>;
  readonly children: Map<number, readonly number[]>;
  readonly blockers: Map<number, readonly number[]>;
  /** The last id and the last number given; neither is given twice. */
  next: number;
  last: number;
}

type Called = <T>(name: string, work: () => T) => Promise<T>;

const bot: User = { id: 1, login: "skein[bot]", kind: "bot" };
const unused = async (): Promise<never> => Promise.reject(new Error("No test uses this."));

export function createMemoryHost(caps: Partial<HostCaps> = {}): MemoryHost {
  const world: World = {
    caps: { hasSubIssues: true, listsClosers: true, ...caps },
    issues: new Map(),
    comments: new Map(),
    permissions: new Map(),
    children: new Map(),
    blockers: new Map(),
    next: 100,
    last: 9,
  };
  const calls: string[] = [];
  const fault: { left: number; moment: FaultMoment } = { left: 0, moment: "before" };
  const called: Called = async (name, work) => {
    calls.push(name);
    fault.left -= 1;
    if (fault.left === 0 && fault.moment === "before") {
      throw new SkeinError(hostingErrors.unreachable);
    }
    const result = work();
    if (fault.left === 0 && fault.moment === "after") {
      throw new SkeinError(hostingErrors.unreachable);
    }
    return Promise.resolve(result);
  };
  return {
    ...createPeople(world),
    host: createHost(world, called),
    bot,
    calls,
    failAt: (call, moment) => {
      Object.assign(fault, { left: call, moment });
    },
  };
}

function createHost(world: World, called: Called): CodeHost {
  return {
    name: parseRepositoryName("acme/shop"),
    self: async () => called("self", () => bot),
    repository: unused,
    permissionOf: async (login) =>
      called("permissionOf", () => world.permissions.get(login) ?? "none"),
    issues: createIssues(world, called),
    pulls: {
      get: unused,
      open: unused,
      ofCommit: unused,
      verdicts: unused,
      publishReview: unused,
      threads: unused,
      resolveThread: unused,
      reply: unused,
    },
    checks: { list: unused, latest: unused, report: unused, uploadSarif: unused },
    files: { read: unused, readFirst: unused, resolve: unused },
    close: async () => Promise.resolve(),
  };
}

function createIssues(world: World, called: Called): IssueHost {
  return {
    ...createRelations(world, called),
    get: async (number) => called("get", () => world.issues.get(number) ?? null),

    list: async (filter) => called("list", () => listed(world, filter)),
    create: async (issue) => called("create", () => openIssue(world, bot, issue)),
    update: async (number, change) => called("update", () => updateIssue(world, number, change)),
    addLabels: unused,
    removeLabel: unused,
    comments: async (number) => called("comments", () => commentsOn(world, number)),
    comment: async (number, body) =>
      called("comment", () => addComment(world, number, { by: bot, body })),
    editComment: async (id, body) => called("editComment", () => changeComment(world, id, body)),
    assign: async () => Promise.resolve(true),
    react: unused,
  };
}

function createRelations(
  world: World,
  called: Called,
): Pick<IssueHost, "addBlocker" | "addChild" | "blockers" | "children" | "removeBlocker"> {
  const { caps, children, blockers } = world;
  const add = (to: Map<number, readonly number[]>, number: number, id: number) => {
    if (!caps.hasSubIssues) {
      return unsupported;
    }
    need(world, number);
    const other = byId(world, id);
    const before = to.get(number) ?? [];
    to.set(number, before.includes(other.number) ? before : [...before, other.number]);
    return "added" as const;
  };
  const below = (from: Map<number, readonly number[]>, number: number) =>
    caps.hasSubIssues
      ? (from.get(number) ?? []).flatMap((other) => inList(world, world.issues.get(other)))
      : unsupported;
  return {
    children: async (number) => called("children", () => below(children, number)),
    addChild: async (number, id) => called("addChild", () => add(children, number, id)),
    blockers: async (number) => called("blockers", () => below(blockers, number)),
    addBlocker: async (number, id) => called("addBlocker", () => add(blockers, number, id)),
    removeBlocker: unused,
  };
}

function createPeople(world: World): Omit<MemoryHost, "bot" | "calls" | "failAt" | "host"> {
  const account =
    (kind: User["kind"]) =>
    (login: string, permission: Permission): User => {
      world.permissions.set(login, permission);
      return { id: next(world), login, kind };
    };
  return {
    person: account("person"),
    robot: account("bot"),
    open: (by, issue) => openIssue(world, by, { body: "", labels: [], ...issue }),
    close: (number, closedBy, closedAs = "completed") => {
      changeIssue(world, number, { isOpen: false, closedAs, closedBy });
    },
    reopen: (number) => {
      changeIssue(world, number, { isOpen: true, closedAs: null, closedBy: null });
    },
    edit: (number, edited) => {
      changeIssue(world, number, edited);
    },
    remove: (number) => {
      world.issues.delete(number);
    },
    say: (number, by, body) => addComment(world, number, { by, body }),
    editComment: (id, body) => {
      changeComment(world, id, body);
    },
    deleteComment: (id) => {
      world.comments.delete(id);
    },
    issue: (number) => need(world, number),
    issues: () => [...world.issues.values()],
    comments: (number) => commentsOn(world, number),
    children: (number) => world.children.get(number) ?? [],
    loosen: (number) => {
      world.children.delete(number);
      world.blockers.delete(number);
    },
    blockers: (number) => world.blockers.get(number) ?? [],
  };
}

function next(world: World): number {
  world.next += 1;
  return world.next;
}

function need({ issues }: World, number: number): Issue {
  const issue = issues.get(number);
  if (issue === undefined) {
    throw new SkeinError(hostingErrors.missing);
  }
  return issue;
}

/** Only a database id names the child or the blocker: a number of an issue is refused, as by the real host. */
function byId({ issues }: World, id: number): Issue {
  const issue = [...issues.values()].find((each) => each.id === id);
  if (issue === undefined) {
    throw new SkeinError(hostingErrors.missing);
  }
  return issue;
}

function openIssue(world: World, author: User, { title, body, labels }: NewIssue): Issue {
  world.last += 1;
  const number = world.last;
  const issue: Issue = {
    id: next(world) * 1_000_003,
    number,
    title,
    body,
    labels,
    author,
    isOpen: true,
    closedAs: null,
    closedBy: null,
    isPullRequest: false,
    url: `https://example.org/acme/shop/issues/${String(number)}`,
    updatedAtMs: world.next,
  };
  world.issues.set(number, issue);
  return issue;
}

function updateIssue(world: World, number: number, asked: IssueChange): Issue {
  const { state, ...words } = asked;
  const closing =
    state === undefined
      ? {}
      : state.isOpen
        ? { isOpen: true, closedAs: null, closedBy: null }
        : { isOpen: false, closedAs: state.closedAs, closedBy: bot };
  const given = Object.fromEntries(
    Object.entries(words).filter(([, value]) => value !== undefined),
  );
  return changeIssue(world, number, { ...given, ...closing });
}

function changeIssue(world: World, number: number, changed: Partial<Issue>): Issue {
  const issue = { ...need(world, number), ...changed, updatedAtMs: next(world) };
  world.issues.set(number, issue);
  return issue;
}

function listed(world: World, { state, labels = [], limit }: IssueFilter): readonly Issue[] {
  return [...world.issues.values()]
    .filter(({ isOpen }) => state === "all" || isOpen === (state === "open"))
    .filter((issue) => labels.every((label) => issue.labels.includes(label)))
    .flatMap((issue) => inList(world, issue))
    .toReversed()
    .slice(0, limit);
}

function inList({ caps }: World, issue: Issue | undefined): readonly Issue[] {
  return issue === undefined ? [] : [caps.listsClosers ? issue : { ...issue, closedBy: null }];
}

function commentsOn({ comments }: World, number: number): readonly IssueComment[] {
  return [...comments.values()].filter(({ issue }) => issue === number);
}

function addComment(
  world: World,
  issue: number,
  { by, body }: { readonly by: User; readonly body: string },
): IssueComment {
  need(world, issue);
  const id = next(world);
  const times = { createdAtMs: id, updatedAtMs: id };
  const comment = {
    id,
    issue,
    author: by,
    body,
    url: `https://example.org/${String(id)}`,
    ...times,
  };
  world.comments.set(id, comment);
  return comment;
}

function changeComment(world: World, id: number, body: string): IssueComment {
  const before = world.comments.get(id);
  if (before === undefined) {
    throw new SkeinError(hostingErrors.missing);
  }
  const comment = { ...before, body, updatedAtMs: next(world) };
  world.comments.set(id, comment);
  return comment;
}
