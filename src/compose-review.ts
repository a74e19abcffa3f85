import { existsSync } from "node:fs";
import { join } from "node:path";

import { createGit } from "./adapters/git/index.ts";
import { systemRandom } from "./adapters/process/clock.ts";
import { systemTimer } from "./adapters/process/timer.ts";
import { openModels } from "./compose-models.ts";
import type { OpenModels } from "./compose-models.ts";
import type { OpenOptions, OpenProject } from "./compose.ts";
import type { MicroUsd } from "./core/base/ids.ts";
import { priceOf } from "./core/costs/index.ts";
import { createTokens, modelErrors, uncountedLedger } from "./core/models/index.ts";
import type { CallLedger, OnModelEvent } from "./core/models/index.ts";
import { createReviewing, createRunLedger, runChecks } from "./core/review/index.ts";
import type { Change, Instruction, Reviewing } from "./core/review/index.ts";
import { SkeinError } from "./core/base/errors.ts";

export interface OpenReviewOptions {
  readonly env: OpenOptions["env"];
  /** What the run may spend; null: what the settings say. */
  readonly limit: MicroUsd | null;
  /** The project's ledger of calls. Default: the run counts for itself alone. */
  readonly ledger?: CallLedger | undefined;
  readonly onModelEvent?: OnModelEvent | undefined;
}

/** One review's machinery. */
export interface OpenReview {
  readonly reviewing: Reviewing;
  readonly models: OpenModels;
  /** What the run may spend; null: no limit. */
  readonly limit: MicroUsd | null;
}

/** Opens what a review needs: models, ledger, checks and the base's instructions. One opening is for one review. */
export async function openReview(
  project: OpenProject,
  { env, limit: asked, ledger: projectLedger = uncountedLedger, onModelEvent }: OpenReviewOptions,
): Promise<OpenReview> {
  const opened: { models?: OpenModels } = {};
  const needModels = (): OpenModels => {
    if (opened.models === undefined) {
      throw new SkeinError(modelErrors.noModels);
    }
    return opened.models;
  };
  const limits: { run: MicroUsd | null } = { run: asked };
  const ledger = createRunLedger({
    priceOf: (model) => needModels().priceOf(model),
    limitOf: () => limits.run,
    project: projectLedger,
  });
  const models = await openModels(project, { env, ledger, tape: null, onEvent: onModelEvent });
  opened.models = models;
  limits.run = asked ?? models.settings.budgets.runMicroUsd;
  const { skein } = project;
  const reviewing = createReviewing({
    store: skein.store,
    reviews: skein.reviews,
    random: systemRandom,
    timer: systemTimer,
    tokens: createTokens(),
    models: models.models,
    model: models.port,
    costOf: (model, usage) => {
      const price = models.priceOf(model);
      return price === null ? 0 : priceOf(usage, price);
    },
    onBug: () => undefined,
    check: async (files) =>
      runChecks(files, {
        redactor: models.redactor,
        hasPath: (path) => existsSync(join(project.repository.root, path)),
      }),
    readBase: async (change, paths) => readBase(project, { change, paths, env }),
    spentOf: async () => ledger.spent(),
  });
  return { reviewing, models, limit: limits.run };
}

interface BaseFiles {
  readonly change: Change;
  readonly paths: readonly string[];
  readonly env: OpenOptions["env"];
}

/** Reads files as they stand on the change's base; of a patch, whose base nobody knows, on HEAD. */
async function readBase(
  { repository }: OpenProject,
  { change, paths, env }: BaseFiles,
): Promise<readonly Instruction[]> {
  const git = createGit({ cwd: repository.root, env });
  const revision = change.base ?? "HEAD";
  const found: Instruction[] = [];
  for (const path of paths.slice(0, 200)) {
    const listed = await git.text(["ls-tree", "--name-only", revision, "--", path], {
      okCodes: [0, 128],
    });
    if (listed !== "") {
      found.push({ path, text: await git.text(["cat-file", "blob", `${revision}:${path}`]) });
    }
  }
  return found;
}
