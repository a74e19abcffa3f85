import { SkeinError } from "../base/errors.ts";
import { isSessionId } from "../base/ids.ts";
import type { Actor } from "../base/ids.ts";
import type { Task } from "../plans/index.ts";
import type { Tier } from "../sessions/index.ts";
import type { IntegrationDeps } from "./deps.ts";
import { integrationErrors } from "./errors.ts";
import type { VerifyRequest } from "./integration.ts";
import { findCommit } from "./find-commit.ts";
import { recordLanded } from "./outcome.ts";

/** Proves that a submitted task's work is on the branch and marks the task done. */
export async function verifyTask(deps: IntegrationDeps, request: VerifyRequest): Promise<Task> {
  const task = await deps.store.read((reader) => deps.plans.resolve(reader, request.task, null));
  if (task.status === "done") {
    return task;
  }
  if (task.status !== "submitted") {
    throw new SkeinError(integrationErrors.notSubmitted, {
      message: `${task.plan}/${task.id} is ${task.status}; only a submitted task can be verified.`,
      facts: { task: `${task.plan}/${task.id}`, status: task.status },
    });
  }
  if (task.verify === "lead") {
    await checkMayAccept(deps, task, request.by);
  }
  const commit = task.integratedCommit ?? (await provenCommit(deps, task, request.branch));
  if (task.verify.startsWith("check:")) {
    await runItsCheck(deps, task, request.branch);
  }
  await deps.store.write((tx) =>
    recordLanded(deps, tx, { task, commit, by: request.by, isDone: true }),
  );
  return deps.store.read((reader) => deps.plans.get(reader, task));
}

/** A person's word counts, and that of a lead or a manager that did not do the work itself. */
async function checkMayAccept(deps: IntegrationDeps, task: Task, by: Actor): Promise<void> {
  if (!by.startsWith("session:")) {
    return;
  }
  const id = by.slice("session:".length);
  const tier = await tierOf(deps, id);
  if ((tier !== "lead" && tier !== "manager") || id === task.session) {
    const facts = { task: `${task.plan}/${task.id}`, tier };
    throw new SkeinError(integrationErrors.notALead, { facts });
  }
}

async function tierOf({ store, sessions }: IntegrationDeps, id: string): Promise<Tier | null> {
  if (!isSessionId(id)) {
    return null;
  }
  return (await store.read((reader) => sessions.get(reader, id)))?.tier ?? null;
}

async function provenCommit(
  { workspace }: IntegrationDeps,
  task: Task,
  branch: string,
): Promise<string> {
  const name = task.commit ?? task.branch;
  const commit = name === null ? null : await findCommit(workspace, name);
  if (commit !== null) {
    const there = (await workspace.isAncestor(commit, branch))
      ? commit
      : await workspace.findSamePatch(commit, branch);
    if (there !== null) {
      return there;
    }
  }
  throw new SkeinError(integrationErrors.notIntegrated, {
    message:
      commit === null
        ? `${task.plan}/${task.id} names no commit that this repository has.`
        : `The work of ${task.plan}/${task.id} (${commit.slice(0, 12)}) is not on ${branch}.`,
    facts: { task: `${task.plan}/${task.id}`, commit, branch },
  });
}

async function runItsCheck(
  { workspace }: IntegrationDeps,
  task: Task,
  branch: string,
): Promise<void> {
  const check = await workspace.runCheck(
    task.verify.slice("check:".length),
    `refs/heads/${branch}`,
  );
  if (!check.passed) {
    throw new SkeinError(integrationErrors.checkFailed, {
      message: `The check ${check.name} of ${task.plan}/${task.id} failed on ${branch}.`,
      facts: { check: check.name, exit_code: check.exitCode, output: check.output },
    });
  }
}
