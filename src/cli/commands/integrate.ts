import { createGit, defaultBranch, gitErrors, readCommitted } from "../../adapters/git/index.ts";
import type { Git } from "../../adapters/git/index.ts";
import type { OpenProject } from "../../compose.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type { JsonObject } from "../../core/base/json.ts";
import { integrationErrors } from "../../core/integration/index.ts";
import type { Landing } from "../../core/integration/index.ts";
import { loadSettings, settingsFiles } from "../../settings.ts";
import type { Answer, Call } from "../command.ts";
import { findTask, namingPlan } from "../names.ts";
import { printRecord } from "../output.ts";
import { whoCalls, withProject } from "../project.ts";
import { ringing } from "./events.ts";

/** `skein integrate`: ends with 5 when some work could not land. */
export async function integrate(call: Call): Promise<Answer | number> {
  // Heard, so that Ctrl-C lets the task that is landing land.
  call.io.signal.addEventListener("abort", () => undefined);
  return withProject(call, async (project) => {
    await checkNames(call, project);
    return call.options.flag("watch") ? watch(call, project) : once(call, project);
  });
}

async function checkNames({ options }: Call, { skein }: OpenProject): Promise<void> {
  const [plan, task] = [options.text("plan"), options.text("task")];
  if (plan !== null) {
    await namingPlan(skein, plan, (reader) => skein.plans.getPlan(reader, plan));
  }
  if (task !== null) {
    await findTask(skein, task);
  }
}

async function once(call: Call, project: OpenProject): Promise<Answer> {
  const landings = await land(call, project);
  return {
    data: { landings: landings.map(landingData) },
    lines: landings.length === 0 ? ["No submitted work."] : landings.map(landingLine),
    exitCode: landings.every(hasLanded) ? 0 : 5,
  };
}

/** Lands work as it is submitted, until the process is asked to stop. */
async function watch(call: Call, project: OpenProject): Promise<number> {
  const { signal } = call.io;
  const bell = ringing(project, signal);
  const told = new Set<string>();
  try {
    while (!signal.aborted) {
      const landings = await landInTurn(call, project);
      landings
        .filter((landing) => isNews(landing, told))
        .forEach((landing) => {
          print(landing, call);
        });
      await bell.next();
    }
  } finally {
    bell.stop();
  }
  return 130;
}

function print(landing: Landing, { globals, io }: Call): void {
  if (globals.json) {
    printRecord(landingData(landing), io);
  } else {
    io.write(`${landingLine(landing)}\n`);
  }
}

/** Lands what is there; nothing while another process integrates: the next look comes soon. */
async function landInTurn(call: Call, project: OpenProject): Promise<readonly Landing[]> {
  try {
    return await land(call, project);
  } catch (error) {
    if (error instanceof SkeinError && error.code === integrationErrors.turnTaken.code) {
      return [];
    }
    throw error;
  }
}

async function land(call: Call, project: OpenProject): Promise<readonly Landing[]> {
  const { settings, skein } = project;
  const checks = await checksFor(call, project);
  const { actor } = await whoCalls(call, project);
  return skein.integration.integrate({
    branch: await branchOf(call, project),
    method: settings.integration.method,
    plan: call.options.text("plan"),
    task: call.options.text("task"),
    checks,
    by: actor,
    signal: call.io.signal,
  });
}

/** Those that the default branch names, and what the worktree adds to them: an agent could have written the worktree's file. */
async function checksFor(
  { io: { env } }: Call,
  { repository: { root }, settings }: OpenProject,
): Promise<readonly string[]> {
  const found = await readCommitted(createGit({ cwd: root, env }), settingsFiles);
  const request = { root, env, text: found?.text ?? null, textFile: found?.file };
  const committed = (await loadSettings(request)).settings;
  return [...new Set([...committed.integration.checks, ...settings.integration.checks])];
}

/** Where work lands: as asked for, as the settings say, else the repository's default branch. @throws {SkeinError} SKN-5953. */
export async function branchOf(
  call: Call,
  { repository, settings }: Pick<OpenProject, "repository" | "settings">,
): Promise<string> {
  const git = createGit({ cwd: repository.root, env: call.io.env });
  const branch =
    call.options.text("branch") ?? settings.integration.branch ?? (await defaultBranch(git));
  if (branch === null || !(await hasBranches(git))) {
    throw new SkeinError(gitErrors.noBranch, {
      message: "This repository has no branch yet, since nothing was committed.",
      fix: "Commit first, as with `git commit --allow-empty -m Start`: the first commit makes the branch.",
    });
  }
  const ref = `refs/heads/${branch}`;
  const { exitCode } = await git.run(
    ["rev-parse", "--verify", "--quiet", "--end-of-options", ref],
    { okCodes: [0, 1, 128] },
  );
  if (exitCode !== 0) {
    throw new SkeinError(gitErrors.noBranch, {
      message: `There is no local branch ${JSON.stringify(branch)}.`,
      facts: { branch },
    });
  }
  return branch;
}

/** False before the first commit: HEAD then names a branch that is not there. */
async function hasBranches(git: Git): Promise<boolean> {
  return (await git.text(["for-each-ref", "--count=1", "refs/heads"])) !== "";
}

function hasLanded({ result }: Landing): boolean {
  return result.kind === "integrated" || result.kind === "already";
}

/** Work that waits for another moment is named once it moves; what somebody has to bring here is named once, not at every look. */
function isNews(landing: Landing, told: Set<string>): boolean {
  if (landing.result.kind === "skipped") {
    const line = landingLine(landing);
    const isNew = !told.has(line);
    told.add(line);
    return isNew;
  }
  return landing.result.kind !== "retry";
}

function landingData({ task, result }: Landing): JsonObject {
  const base = { task: `${task.plan}/${task.id}`, status: task.status, result: result.kind };
  switch (result.kind) {
    case "integrated":
    case "already":
      return { ...base, commit: result.commit };
    case "conflict":
    case "out-of-scope":
      return { ...base, files: result.files, detail: result.detail };
    case "check-failed":
      return {
        ...base,
        check: result.check.name,
        exit_code: result.check.exitCode,
        output: result.check.output,
      };
    case "retry":
    case "skipped":
      return { ...base, detail: result.detail };
    default:
      return result satisfies never;
  }
}

function landingLine({ task, result }: Landing): string {
  const name = `${task.plan}/${task.id}`;
  switch (result.kind) {
    case "integrated":
      return `${name} landed as ${result.commit.slice(0, 12)}.`;
    case "already":
      return `${name} was there already, as ${result.commit.slice(0, 12)}.`;
    case "conflict":
      return `${name} conflicts in ${result.files.join(", ")}; it goes back to its worker.`;
    case "check-failed":
      return `${name} fails the check ${result.check.name}; it goes back to its worker.`;
    case "out-of-scope":
      return `${name} goes back to its worker. ${result.detail}`;
    case "retry":
      return `${name} waits: ${result.detail}`;
    case "skipped":
      return `${name} is skipped: ${result.detail}`;
    default:
      return result satisfies never;
  }
}
