import { closeAll, closingOnFailure } from "../core/base/closing.ts";
import { together } from "../core/base/together.ts";
import type { OpenProject } from "./context.ts";

/** Opens the project when it is first needed. */
export interface ProjectSource {
  /** The same project for all calls; a failure is forgotten, so that the next call tries again. */
  open(this: void): Promise<OpenProject>;
  /** Opens it ahead of the first call, where somebody has set Skein up; a fault is left to the first call. */
  warm(this: void): Promise<void>;
  /** Closes what was opened. */
  close(): Promise<void>;
}

export interface ProjectPlace {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Hears of changed settings, by the line. */
  log(this: void, line: string): void;
}

interface Opened extends OpenProject {
  close(): Promise<void>;
}

/** The store and everything under it are loaded after the start: a server answers its host at once. */
export function createProjectSource(place: ProjectPlace): ProjectSource {
  let opening: Promise<Opened> | null = null;
  let isClosed = false;
  const open = async (): Promise<Opened> => {
    opening ??= openThere(place).catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };
  return {
    open,
    warm: async () => {
      const { hasStore, needRepository } = await import("../compose.ts");
      try {
        if (!isClosed && hasStore(needRepository(place.cwd), place.env)) {
          await open();
        }
      } catch {
        // The first call says what is wrong.
      }
    },
    close: async () => {
      isClosed = true;
      const project = await opening?.catch(() => null);
      await project?.close();
    },
  };
}

async function openThere(place: ProjectPlace): Promise<Opened> {
  const { openProject } = await import("../compose.ts");
  const { answerHooks } = await import("./answer-hooks.ts");
  const { keepProjectBudget } = await import("../project-budget.ts");
  const { cwd, env, log } = place;
  const project = await openProject({
    cwd,
    env,
    unknownProject: "add",
    // Whoever comes to lead has the calls of many: they share transactions, and with them a turn among the processes.
    groupCommit: true,
    onLongLine: log,
    follow: { log },
  });
  const { skein, repository } = project;
  // The next call opens the store anew: one that nobody has any more would stay open beside it.
  const answering = await closingOnFailure(
    async () => skein.close(),
    async () => {
      await keepProjectBudget(project, env);
      return answerHooks(project, env);
    },
  );
  const { createReviewDesk } = await import("./review-desk.ts");
  const { createPlanDesk } = await import("./plan-desk.ts");
  const reviews = createReviewDesk(project, { env });
  const planning = createPlanDesk(project, { env });
  return {
    skein,
    repository,
    reviews,
    planning,
    close: async () => {
      await closeAll([
        async () => together([reviews.close(), planning.close()]),
        async () => answering?.close(),
        async () => skein.close(),
      ]);
    },
  };
}
