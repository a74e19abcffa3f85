import type { Octokit } from "@octokit/core";
import { isLooseObject, ownObject, ownText } from "../../core/base/loose-object.ts";
import { ownError } from "./failures.ts";

/**
 * The plugin that says failures as the policies around it understand them: what our own guard refused is repeated by none, and a
 * limit that is told by a header alone is a limit too.
 */
export function plainFailures(octokit: Octokit): object {
  octokit.hook.error("request", (error) => {
    const own = ownError(error);
    if (own !== null) {
      throw own;
    }
    if (isLimit(error)) {
      error.message = `secondary rate limit: ${error.message}`;
    }
    throw error;
  });
  return {};
}

function isLimit(error: unknown): boolean {
  const response = isLooseObject(error) ? ownObject(error, "response") : {};
  const { status } = response;
  return (
    (status === 403 || status === 429) &&
    ownText(ownObject(response, "headers"), "retry-after") !== null
  );
}
