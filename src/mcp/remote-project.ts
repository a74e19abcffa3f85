import type { Repository } from "../adapters/git/index.ts";
import type { ServedProject } from "../compose-projects.ts";
import { SkeinError } from "../core/base/errors.ts";
import type { Skein } from "../core/index.ts";
import type { OpenProject } from "./context.ts";
import { mcpErrors } from "./errors.ts";
import { createPlanDesk } from "./plan-desk.ts";
import type { PlanDesk } from "./plan-desk.ts";
import type { ReviewDesk } from "./review-desk.ts";

/** A project as a server opens it for callers of other machines. */
export interface RemoteProject extends OpenProject {
  /** Ends what its desks began; the store stays open. */
  closeDesks(): Promise<void>;
}

/** Gives a project of a server the desks that its tools need. */
export function remoteProject(
  served: ServedProject,
  env: Readonly<Record<string, string | undefined>>,
): RemoteProject {
  const { skein, repository } = served;
  const reviews = reviewsElsewhere(skein);
  const planning =
    repository === null ? planningElsewhere() : planningHere({ ...served, repository }, env);
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

function planningHere(
  served: ServedProject & { readonly repository: Repository },
  env: Readonly<Record<string, string | undefined>>,
): PlanDesk {
  return createPlanDesk(served, env);
}

/** What a branch adds is known where it is checked out, and not here. Finished reviews are read from the store. */
function reviewsElsewhere({ store, reviews }: Skein): ReviewDesk {
  return {
    start: async () =>
      Promise.reject(
        new SkeinError(mcpErrors.needsRepository, {
          message: "A server does not have the caller's branch, so it cannot review it.",
          fix: "Run `skein review` in the repository.",
        }),
      ),
    wait: async (id) => (await store.read(async (reader) => reviews.record(reader, id))).result,
    close: async () => Promise.resolve(),
  };
}

function planningElsewhere(): PlanDesk {
  return { draft: refusePlanning, approve: refusePlanning, close: async () => Promise.resolve() };
}

async function refusePlanning(): Promise<never> {
  return Promise.reject(
    new SkeinError(mcpErrors.needsRepository, {
      message: "This server has no repository of the project, so its models cannot read it.",
      fix: "Run `skein plan draft` in the repository, or give `tasks` to propose_plan.",
    }),
  );
}
