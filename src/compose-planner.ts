import { readFile } from "node:fs/promises";

import { createGit, defaultBranch } from "./adapters/git/index.ts";
import { systemRandom } from "./adapters/process/clock.ts";
import { systemTimer } from "./adapters/process/timer.ts";
import { openModels } from "./compose-models.ts";
import type { GivenSettings, OpenModels } from "./compose-models.ts";
import type { OpenOptions, RepositoryProject } from "./compose.ts";
import { SkeinError } from "./core/base/errors.ts";
import type { Actor, MicroUsd } from "./core/base/ids.ts";
import type { CallPurpose, SeatSpend } from "./core/costs/index.ts";
import { worstCase } from "./core/index.ts";
import { createRemarks } from "./core/models/index.ts";
import type { Model } from "./core/models/index.ts";
import { createPlanner, plannerErrors } from "./core/planner/index.ts";
import type { Base, Planner, PlannerModels } from "./core/planner/index.ts";

export interface OpenPlannerOptions {
  readonly env: OpenOptions["env"];
  /** On whose behalf the models are called. */
  readonly actor: Actor;
  /** Hears sentences for people: budgets that are nearly used up, settings that are not committed, waits for a rate limit. Default: nobody. */
  readonly onWarning?: ((sentence: string) => void) | undefined;
  /** The issue whose budget the calls count in. Default: none. */
  readonly issue?: CallPurpose["issue"] | undefined;
  /** What the issue has cost before and the ledger does not know. Default: nothing. */
  readonly issueSpent?: MicroUsd | undefined;
  /** What the calls may cost. Default: what the settings say. */
  readonly runLimit?: MicroUsd | undefined;
  /** The settings that count. Default: as committed on the local default branch. */
  readonly given?: GivenSettings | undefined;
  /** The commit that work starts from. Default: the local default branch's. */
  readonly base?: string | undefined;
  /** The tree that work starts from, as a caller elsewhere sent it. Default: it is read here. */
  readonly tree?: Base | undefined;
  /** True where drafts are of other machines: their files are not looked for on this one. Default false. */
  readonly isElsewhere?: boolean | undefined;
}

/** Opens the planner of a project. Models are opened when a plan needs one: a checklist needs no key. */
export function openPlanner(project: RepositoryProject, options: OpenPlannerOptions): Planner {
  const { skein, settings, repository } = project;
  const { caseInsensitive } = settings.leases;
  const openOnce = once(async () => openThere(project, options));
  return createPlanner({
    store: skein.store,
    events: skein.events,
    plans: skein.plans,
    leases: skein.leases,
    parsePath: (text) => skein.parsePath(text),
    policy: {
      caseInsensitive: caseInsensitive === "auto" ? repository.ignoresCase : caseInsensitive,
    },
    random: systemRandom,
    importPlan: async (draft, given) => skein.dispatch.importPlan(draft, given),
    readBase: async () => options.tree ?? readBase(project, options),
    models: async () => plannerModels(await openOnce()),
    price: async () => {
      const open = await openOnce().catch(orNull);
      return open === null ? null : open.priceOf(plannerOf(open));
    },
    readText:
      options.isElsewhere === true
        ? null
        : async (file) => readFile(file, "utf8").catch(() => null),
  });
}

function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opening: Promise<T> | null = null;
  return async () => {
    opening ??= open();
    return opening;
  };
}

/** Where no model can be asked, no price is known either. */
function orNull(error: unknown): null {
  if (error instanceof SkeinError) {
    return null;
  }
  throw error;
}

/** @throws {SkeinError} SKN-2841 without models, else as `openModels`. */
async function openThere(
  project: RepositoryProject,
  { env, actor, onWarning, given, runLimit, issue = null, issueSpent }: OpenPlannerOptions,
): Promise<OpenModels> {
  if (project.settings.models.size === 0 && given === undefined) {
    throw new SkeinError(plannerErrors.noModel);
  }
  const models = await openModels(project, {
    env,
    purpose: { issue },
    given,
    runLimit,
    spentBefore: { issue: issueSpent },
    actor,
    onWarning,
    // Who waits for a rate limit is told, as in a review.
    onEvent: createRemarks(onWarning ?? (() => undefined)).onEvent,
    tape: null,
  });
  for (const note of models.notes) {
    onWarning?.(note);
  }
  return models;
}

function plannerModels(open: OpenModels): PlannerModels {
  return {
    port: open.port,
    planner: plannerOf(open),
    cheap: cheapOf(open),
    timer: systemTimer,
    // Of all models, since a chain may hand a call to another.
    tryMs: open.tryMs,
    billOf: async (run) => billOf(await open.spentBySeat(run)),
  };
}

function billOf(spends: readonly SeatSpend[]): Awaited<ReturnType<PlannerModels["billOf"]>> {
  const sum = (key: "calls" | "microUsd" | "inputTokens" | "outputTokens"): number =>
    spends.reduce((total, spend) => total + spend[key], 0);
  return {
    calls: sum("calls"),
    microUsd: sum("microUsd"),
    inputTokens: sum("inputTokens"),
    outputTokens: sum("outputTokens"),
  };
}

/** The one that the settings name, else the first large one, else the first. */
function plannerOf({ models, settings }: OpenModels): Model {
  const named = models.find(({ name }) => name === settings.planner);
  const found = named ?? models.find(({ size }) => size === "large") ?? models[0];
  if (found === undefined) {
    throw new SkeinError(plannerErrors.noModel);
  }
  return found;
}

/** The one whose answer costs least; of equally dear ones the smallest, of those the first. */
function cheapOf(open: OpenModels): Model {
  const [cheapest] = open.models.toSorted(
    (one, other) =>
      partCost(open, one) - partCost(open, other) ||
      sizes.indexOf(one.size) - sizes.indexOf(other.size),
  );
  return cheapest ?? plannerOf(open);
}

const sizes: readonly Model["size"][] = ["small", "medium", "large"];

/** What a planner of a part reads and writes (requirement E6); what it thinks is on top. */
const partTokens = { inputTokens: 2_000, outputTokens: 3_000 };

/** A model without a price would be refused: it is the dearest. */
function partCost({ priceOf }: OpenModels, model: Model): MicroUsd {
  const price = priceOf(model);
  const outputTokens = partTokens.outputTokens + model.takes.thinkingTokens;
  return price === null
    ? Number.MAX_SAFE_INTEGER
    : worstCase({ ...partTokens, outputTokens }, price);
}

/** The default branch as it is committed: what agents start from. */
export async function readBase(
  project: Pick<RepositoryProject, "repository">,
  options: Pick<OpenPlannerOptions, "env" | "base">,
): Promise<Base> {
  const { env } = options;
  const commit = await baseCommit(project, options);
  if (commit === null) {
    return { commit, paths: [] };
  }
  const git = createGit({ cwd: project.repository.root, env });
  const listed = await git.text(["ls-tree", "-r", "--name-only", "-z", "--full-tree", commit]);
  return { commit, paths: listed.split("\0").filter((path) => path !== "") };
}

/** The commit that agents start from; null in a repository without one. */
export async function baseCommit(
  { repository }: Pick<RepositoryProject, "repository">,
  { env, base }: Pick<OpenPlannerOptions, "env" | "base">,
): Promise<string | null> {
  const git = createGit({ cwd: repository.root, env });
  const branch = base === undefined ? await defaultBranch(git) : null;
  const revision = base ?? (branch === null ? "HEAD" : `refs/heads/${branch}`);
  const commit = await git.text(
    ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`],
    { okCodes: [0, 1, 128] },
  );
  return commit === "" ? null : commit;
}
