import { openCodeHost, openDecomposition } from "../../compose-github.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type { JsonObject } from "../../core/base/json.ts";
import type { SyncAct, SyncOutcome } from "../../core/decomposition/index.ts";
import type { CodeHost } from "../../core/hosting/index.ts";
import { keepProjectBudget } from "../../project-budget.ts";
import type { Answer, Call } from "../command.ts";
import { makingProject, whoCalls } from "../project.ts";
import { readVersion } from "../version.ts";
import { clip } from "../views.ts";

/** One issue and what a sync of it came to. */
interface Synced {
  readonly issue: number;
  readonly result: SyncOutcome | SkeinError;
}

/** `skein github sync`: ends with 5 when an issue's plan could not be read; the others are synced all the same. */
export async function syncGithub(call: Call): Promise<Answer> {
  const { io, options } = call;
  const host = await openCodeHost({
    cwd: io.cwd,
    env: io.env,
    repository: options.text("repository") ?? undefined,
    version: readVersion(),
    signal: io.signal,
    onWait: (sentence) => io.warn(sentence),
  });
  try {
    return await syncAll(call, host);
  } finally {
    await host.close();
  }
}

async function syncAll(call: Call, host: CodeHost): Promise<Answer> {
  const { io, options } = call;
  const isDryRun = options.flag("dryRun");
  const one = options.number("issue");
  return makingProject(call, async (project) => {
    const { actor } = await whoCalls(call, project);
    const { decomposition } = openDecomposition(project, {
      host,
      env: io.env,
      actor,
      stateKey: stateKeyOf(io.env),
      isDurable: true,
    });
    const issues = one === null ? await decomposition.parents() : [one];
    const all: Synced[] = [];
    for (const issue of issues) {
      all.push({ issue, result: await orState(decomposition.sync({ issue, isDryRun })) });
    }
    if (!isDryRun) {
      await keepProjectBudget(project, io.env);
    }
    return {
      data: { repository: host.name, dry_run: isDryRun, issues: all.map((each) => dataOf(each)) },
      lines: linesOf(all, isDryRun),
      exitCode: all.some(({ result }) => result instanceof SkeinError) ? 5 : 0,
    };
  });
}

/** The key that signs states in comments, where one is used: the same everywhere. */
function stateKeyOf(env: Call["io"]["env"]): string | null {
  const key = env["SKEIN_STATE_KEY"] ?? "";
  return key === "" ? null : key;
}

/** A plan that cannot be read stops no other one; a host that cannot be reached does. */
async function orState(work: Promise<SyncOutcome>): Promise<SyncOutcome | SkeinError> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof SkeinError && /^SKN-[45]66\d$/u.test(error.code)) {
      return error;
    }
    throw error;
  }
}

function dataOf({ issue, result }: Synced): JsonObject {
  if (result instanceof SkeinError) {
    return { issue, result: "failed", code: result.code, message: result.message, fix: result.fix };
  }
  switch (result.kind) {
    case "synced":
      return {
        issue,
        result: result.kind,
        done: result.done,
        total: result.total,
        acts: result.acts.map((act) => ({ ...act })),
      };
    case "created":
      return {
        issue,
        result: result.kind,
        children: result.children.map(({ key, number }) => ({ key, number })),
      };
    case "waiting":
      return { issue, result: result.kind, hash: result.hash };
    case "do-not-split":
    case "no-plan":
    case "not-ours":
      return { issue, result: result.kind };
    default:
      return result satisfies never;
  }
}

function linesOf(all: readonly Synced[], isDryRun: boolean): readonly string[] {
  if (all.length === 0) {
    return ["Skein has split no issue of this repository."];
  }
  return all.flatMap((each) => lineOf(each, isDryRun));
}

function lineOf({ issue, result }: Synced, isDryRun: boolean): readonly string[] {
  const name = `#${String(issue)}`;
  if (result instanceof SkeinError) {
    return [`${name}: ${result.code} ${result.message} ${result.fix}`];
  }
  switch (result.kind) {
    case "synced": {
      const news = result.acts.length === 0 ? "nothing has changed" : "in step";
      const head = `${name}: ${String(result.done)} of ${String(result.total)} done, ${isDryRun ? "not written" : news}.`;
      return [head, ...result.acts.map((act) => `  ${actLine(act)}`)];
    }
    case "created":
      return [`${name}: ${String(result.children.length)} children; a creation was completed.`];
    case "waiting":
      return [`${name}: a plan waits for \`/skein approve ${result.hash.slice(0, 40)}\`.`];
    case "do-not-split":
      return [`${name}: best done as one piece.`];
    case "no-plan":
    case "not-ours":
      return [`${name}: Skein has planned nothing here.`];
    default:
      return result satisfies never;
  }
}

function actLine(act: SyncAct): string {
  switch (act.kind) {
    case "import":
      return `tasks: ${clip(act.tasks.join(", "), 200)}`;
    case "move":
      return `${act.task}: ${act.move}`;
    case "close":
      return `#${String(act.number)}: closed as ${act.as === "completed" ? "completed" : "not planned"}`;
    case "text":
      return `#${String(act.number)}: its text is as Skein has it`;
    case "aside":
      return `#${String(act.number)}: closed by ${clip(act.by ?? "somebody unknown", 40)}, which does not count`;
    case "again":
      return `#${String(act.number)}: opened again, attempt ${String(act.round)}`;
    case "comment":
      return "the comment tells it";
    default:
      return act satisfies never;
  }
}
