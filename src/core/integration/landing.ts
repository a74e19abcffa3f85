import { cleanLine } from "../base/text.ts";
import type { PathPattern } from "../leases/index.ts";
import type { Task } from "../plans/index.ts";
import type { IntegrationDeps } from "./deps.ts";
import type { IntegrateOptions, IntegrateResult, Landing } from "./integration.ts";
import { findCommit } from "./find-commit.ts";
import { recordLanded, recordSentBack } from "./outcome.ts";
import { findBeyondScope } from "./scope.ts";
import type { ScopeFindings } from "./scope.ts";

/** Brings one submitted task onto the integration branch, or sends it back. Git works outside of any transaction. */
export async function landTask(
  deps: IntegrationDeps,
  task: Task,
  options: IntegrateOptions,
): Promise<Landing> {
  const commit = await commitOf(deps, task);
  if (commit.kind === "none") {
    return { task, result: { kind: "skipped", detail: commit.detail } };
  }
  const found = await lookAtScope(deps, { task, commit: commit.id, branch: options.branch });
  if (found.unleased.length > 0) {
    return refuse(deps, { task, options, unleased: found.unleased });
  }
  const result = await deps.workspace.integrate({
    commit: commit.id,
    branch: options.branch,
    method: options.method,
    checks: checksOf(task, options),
    message: messageOf(task),
  });
  return settle(deps, { task, options, result });
}

type FoundCommit =
  | { readonly kind: "found"; readonly id: string }
  | { readonly kind: "none"; readonly detail: string };

/** The submitted commit; where none was named, the head of the branch that the claim was stamped with. */
async function commitOf({ workspace }: IntegrationDeps, task: Task): Promise<FoundCommit> {
  const name = task.commit ?? task.branch;
  if (name === null) {
    return { kind: "none", detail: "No commit was submitted, and the branch is not known." };
  }
  const id = await findCommit(workspace, name);
  return id === null ? { kind: "none", detail: missing(task, name) } : { kind: "found", id };
}

function missing({ plan, id }: Task, name: string): string {
  const shown = cleanLine(name, 100);
  return `This repository does not have ${shown}, which was handed in. Fetch it where it was made in another clone; else \`skein task cancel ${plan}/${id}\` and then \`skein task retry ${plan}/${id}\` have it worked on again.`;
}

interface Looked {
  readonly task: Task;
  readonly commit: string;
  readonly branch: string;
}

/** How many of a session's last leases may excuse a path beyond the scope. */
const rememberedLeases = 200;

async function lookAtScope(
  { store, leases, workspace, policy, paths, exempt }: IntegrationDeps,
  { task, commit, branch }: Looked,
): Promise<ScopeFindings> {
  const changed = await workspace.changedPaths(commit, branch);
  const { session } = task;
  const held: readonly PathPattern[] =
    session === null
      ? []
      : await store.read((reader) => leases.touchedBy(reader, session, rememberedLeases));
  const scope = task.files.map((text) => paths.parse(text));
  return findBeyondScope({ changed, scope, held, exempt }, policy);
}

interface Refused {
  readonly task: Task;
  readonly options: IntegrateOptions;
  readonly unleased: readonly string[];
}

const namedPaths = 20;

async function refuse(
  deps: IntegrationDeps,
  { task, options, unleased }: Refused,
): Promise<Landing> {
  const named = unleased.slice(0, namedPaths).join(", ");
  const more =
    unleased.length > namedPaths ? ` and ${String(unleased.length - namedPaths)} more` : "";
  const detail = `It changes paths beyond its scope that its session never leased: ${named}${more}.`;
  const feedback = `${detail} Claim them with claim_files, or leave them alone, and submit again.`;
  await deps.store.write((tx) =>
    recordSentBack(deps, tx, { task, failure: "validation_failed", feedback, by: options.by }),
  );
  return {
    task: await reread(deps, task),
    result: { kind: "out-of-scope", files: unleased, detail },
  };
}

/** A task that is proven by a check has it run on the result, before the branch moves. */
function checksOf({ verify }: Task, { checks }: IntegrateOptions): readonly string[] {
  const own = verify.startsWith("check:") ? [verify.slice("check:".length)] : [];
  return [...new Set([...checks, ...own])];
}

function messageOf({ plan, id, title, fence }: Task): string {
  const trailers = [
    `Skein-Task: ${plan}/${id}`,
    ...(fence === null ? [] : [`Skein-Fence: ${String(fence)}`]),
  ];
  return `${cleanLine(`${id}: ${title}`, 72)}\n\n${trailers.join("\n")}`;
}

interface Integrated {
  readonly task: Task;
  readonly options: IntegrateOptions;
  readonly result: IntegrateResult;
}

async function settle(
  deps: IntegrationDeps,
  { task, options, result }: Integrated,
): Promise<Landing> {
  const isRecorded = await record(deps, { task, options, result });
  if (isRecorded || result.kind === "retry") {
    return { task: await reread(deps, task), result };
  }
  const detail = "Its state changed while its commit was integrated: nothing was recorded.";
  return { task: await reread(deps, task), result: { kind: "skipped", detail } };
}

async function record(
  deps: IntegrationDeps,
  { task, options: { by, branch }, result }: Integrated,
): Promise<boolean> {
  switch (result.kind) {
    case "integrated":
    case "already": {
      const isDone = task.verify !== "lead";
      return deps.store.write((tx) =>
        recordLanded(deps, tx, { task, commit: result.commit, by, isDone }),
      );
    }
    case "conflict": {
      const files = result.files.join(", ");
      const feedback = `Its commit conflicts with ${branch} in: ${files}. Bring ${branch} into your branch, resolve that, and submit again. ${result.detail}`;
      return deps.store.write((tx) =>
        recordSentBack(deps, tx, { task, failure: "git_conflict", feedback, by }),
      );
    }
    case "check-failed": {
      const { name, output } = result.check;
      const feedback = `The check ${name} failed on ${branch} with this commit. The end of its output:\n${output}`;
      return deps.store.write((tx) =>
        recordSentBack(deps, tx, { task, failure: "validation_failed", feedback, by }),
      );
    }
    case "retry":
      return false;
  }
}

function reread({ store, plans }: IntegrationDeps, task: Task): Promise<Task> {
  return store.read((reader) => plans.get(reader, task));
}
