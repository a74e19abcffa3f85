import type {
  CheckReport,
  CheckRun,
  CodeHost,
  Issue,
  IssueComment,
} from "../core/hosting/index.ts";
import type { BotLog } from "./context.ts";

/**
 * A host that reads and never writes: what would be written is told in the log. Its answers look as if it had been, so that a handler goes the
 * same way.
 */
export function createDryHost(host: CodeHost, log: BotLog): CodeHost {
  const told = async <T>(what: string, answer: T): Promise<T> => {
    log.info(`Dry run: would ${what}.`);
    return Promise.resolve(answer);
  };
  return {
    ...host,
    issues: dryIssues(host, told),
    pulls: {
      ...host.pulls,
      publishReview: async (number, { comments }) =>
        told(`publish a review of #${String(number)} with ${String(comments.length)} comments`, {
          kind: "created",
          reviewId: 0,
          left: [],
        }),
      resolveThread: async () => told("resolve a thread", "resolved"),
      reply: async () => told("answer in a thread", undefined),
    },
    checks: {
      ...host.checks,
      report: async (report) => told(checkText(report), runOf(report)),
      uploadSarif: async () => told("upload SARIF", "taken"),
    },
  };
}

type Told = <T>(what: string, answer: T) => Promise<T>;

function dryIssues(host: CodeHost, told: Told): CodeHost["issues"] {
  const comment = async (body: string): Promise<IssueComment> => {
    const author = await host.self();
    return { id: 0, author, body, url: "", createdAtMs: 0, updatedAtMs: 0 };
  };
  return {
    ...host.issues,
    create: async ({ title, body, labels }): Promise<Issue> =>
      told(`create the issue ${JSON.stringify(title)}`, {
        id: 0,
        number: 0,
        title,
        body,
        isOpen: true,
        closedAs: null,
        closedBy: null,
        labels,
        author: await host.self(),
        isPullRequest: false,
        url: "",
        updatedAtMs: 0,
      }),
    update: async (number) => told(`change #${String(number)}`, await needIssue(host, number)),
    addLabels: async (number, labels) =>
      told(`label #${String(number)} with ${labels.join(", ")}`, undefined),
    removeLabel: async (number, label) =>
      told(`take the label ${label} from #${String(number)}`, undefined),
    assign: async (number, login) => told(`assign #${String(number)} to ${login}`, true),
    addChild: async (number) => told(`add a sub-issue to #${String(number)}`, "added"),
    addBlocker: async (number) => told(`add a dependency to #${String(number)}`, "added"),
    removeBlocker: async (number) => told(`take a dependency from #${String(number)}`, undefined),
    comment: async (number, body) => told(`comment on #${String(number)}`, await comment(body)),
    editComment: async (id, body) => told(`edit comment ${String(id)}`, await comment(body)),
    react: async (_target, content) => told(`react with ${content}`, undefined),
  };
}

async function needIssue(host: CodeHost, number: number): Promise<Issue> {
  const issue = await host.issues.get(number);
  if (issue === null) {
    throw new Error(`the issue ${String(number)} was there a moment ago`);
  }
  return issue;
}

function checkText({ name, conclusion }: CheckReport): string {
  return `report the check ${name} as ${conclusion ?? "running"}`;
}

function runOf({ name, headSha, conclusion, externalId }: CheckReport): CheckRun {
  return { id: 0, name, headSha, conclusion, externalId, appId: null };
}
