import { isLooseObject } from "../core/base/loose-object.ts";
import { SkeinError } from "../core/base/errors.ts";
import type { BotOptions, RunningBot } from "./app.ts";
import { appErrors } from "./app/errors.ts";

/**
 * Starts the App. Its code and what that stands on are loaded here and nowhere else: they are an optional part.
 *
 * @throws {SkeinError} SKN-2691 without Probot, SKN-2692 for a weak secret, SKN-7691 for a port in use.
 */
export async function startBot(options: BotOptions): Promise<RunningBot> {
  const { openBot } = await loadApp();
  return openBot(options);
}

async function loadApp() {
  try {
    return await import("./app.ts");
  } catch (cause) {
    if (isLooseObject(cause) && cause["code"] === "ERR_MODULE_NOT_FOUND") {
      throw new SkeinError(appErrors.noProbot, { cause });
    }
    throw cause;
  }
}
