import { localProject, openProject } from "../compose.ts";
import type { OpenOptions } from "../compose.ts";
import { keepProjectBudget } from "../project-budget.ts";
import type { ServedProject, ServedProjects } from "./served.ts";

/** The one project of the repository around a folder, in its own file. */
export async function openLocalProject(options: OpenOptions): Promise<ServedProjects> {
  const composed = await openProject(options);
  await keepProjectBudget(composed, options.env);
  const served: ServedProject = {
    name: localProject,
    skein: composed.skein,
    composed,
    close: () => composed.skein.close(),
  };
  return {
    only: localProject,
    names: async () => Promise.resolve([localProject]),
    open: async (name) => Promise.resolve(name === localProject ? served : null),
    close: async () => Promise.resolve(),
  };
}
