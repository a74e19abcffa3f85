import { SkeinError } from "../base/errors.ts";
import type { IntegrationDeps } from "./deps.ts";

/**
 * The full object name of what was handed in under a name; null when the repository does not have it. A name that no commit can have is
 * refused as unsafe by whoever runs git: of one task that is no reason to stop all others.
 */
export async function findCommit(
  workspace: IntegrationDeps["workspace"],
  name: string,
): Promise<string | null> {
  try {
    return await workspace.resolve(name);
  } catch (error) {
    if (error instanceof SkeinError && error.kind === "unsafe") {
      return null;
    }
    throw error;
  }
}
