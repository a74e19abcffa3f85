import { createGit } from "../adapters/git/index.ts";
import type { Repository } from "../adapters/git/index.ts";
import type { ServedProject } from "../compose-projects.ts";
import { SkeinError } from "../core/base/errors.ts";
import type { OpenProject } from "./context.ts";
import { mcpErrors } from "./errors.ts";
import { createPlanDesk } from "./plan-desk.ts";
import type { PlanDesk } from "./plan-desk.ts";
import { createReviewDesk } from "./review-desk.ts";
import type { ReviewDesk } from "./review-desk.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** A project as a server opens it for callers of other machines. */
export interface RemoteProject extends OpenProject {
  /** Ends what its desks began; the store stays open. */
  closeDesks(): Promise<void>;
}

/** Gives a project of a server the desks that its tools need. Models and keys are the server's; the money is counted in the project's ledger. */
export function remoteProject(served: ServedProject, env: Env): RemoteProject {
  const { skein, repository } = served;
  const reviews = reviewsElsewhere(served, env);
  const planning = planningElsewhere(served, env);
  return {
    skein,
    repository,
    reviews,
    planning,
    closeDesks: async () => {
      await Promise.all([reviews.close(), planning.close()]);
    },
  };
}

/** HEAD is the caller's affair: the change is what the caller sent, else what its branch adds in the server's own repository. */
function reviewsElsewhere(served: ServedProject, env: Env): ReviewDesk {
  const { models, repository } = served;
  const desk = createReviewDesk(
    { ...served, repository: models.repository },
    { env, given: models.given },
  );
  return {
    ...desk,
    start: async (ask) => {
      if (ask.sent !== null) {
        return desk.start(ask);
      }
      const branch = ask.head ?? null;
      if (repository === null || branch === null || !(await hasBranch(repository, env, branch))) {
        throw needsWork(
          "The server does not have what is to be reviewed: nothing was sent, and its repository does not have the caller's branch.",
          "Call through `skein mcp`, which sends the change, or run `skein review` in the repository.",
        );
      }
      return desk.start({ ...ask, head: `refs/heads/${branch}` });
    },
  };
}

async function hasBranch({ root }: Repository, env: Env, branch: string): Promise<boolean> {
  const name = `refs/heads/${branch}`;
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`];
  const { exitCode } = await createGit({ cwd: root, env }).run(args, { okCodes: [0, 1, 128] });
  return exitCode === 0;
}

/** Scopes are checked against the tree that the caller sent, else that of the server's own repository. */
function planningElsewhere(served: ServedProject, env: Env): PlanDesk {
  const { models, repository } = served;
  const desk = createPlanDesk(
    { ...served, repository: models.repository },
    { env, given: models.given, isElsewhere: true },
  );
  const needTree = (tree: unknown): void => {
    if (tree === null && repository === null) {
      throw needsWork(
        "The server has no repository of the project, and nothing was sent of one.",
        "Call through `skein mcp`, which sends the names of the files, or give `tasks` to propose_plan.",
      );
    }
  };
  return {
    draft: async (ask) => {
      needTree(ask.tree);
      return desk.draft(ask);
    },
    approve: async (ask) => {
      needTree(ask.tree);
      return desk.approve(ask);
    },
    close: async () => desk.close(),
  };
}

function needsWork(message: string, fix: string): SkeinError {
  return new SkeinError(mcpErrors.needsRepository, { message, fix });
}
