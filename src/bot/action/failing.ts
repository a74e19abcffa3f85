import * as core from "@actions/core";

import { SkeinError } from "../../core/base/errors.ts";
import { safeProse } from "../../core/base/safe-markdown.ts";
import type { BotEnv } from "../context.ts";
import { botErrors } from "../errors.ts";
import { inertLines, writeSummary } from "./report.ts";

/** The circumstances of a failure. */
export interface Failing {
  readonly isCancelled: boolean;
  readonly env: BotEnv;
  /** Names a bug in the log. */
  readonly id: string;
}

/** Tells people why a step failed: a code, what happened, and the next step. Words of others stay in the debug log. */
export function explain(error: unknown, failing: Failing): void {
  const told = toTold(error, failing);
  core.error(`${told.message} ${told.fix}`, { title: told.code });
  core.setOutput("conclusion", "failure");
  core.setOutput("title", `${told.code}: ${told.message}`);
  const path = failing.env["GITHUB_STEP_SUMMARY"] ?? "";
  if (path !== "") {
    const [message, fix] = [told.message, told.fix].map((text) =>
      safeProse(text, { maxChars: 2_000 }),
    );
    writeSummary(path, `### Skein failed: ${told.code}\n\n${message}\n\n${fix}`);
  }
}

function toTold(error: unknown, { isCancelled, id }: Failing): SkeinError {
  if (isCancelled) {
    return new SkeinError(botErrors.cancelled);
  }
  core.debug(inertLines(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  return error instanceof SkeinError
    ? error
    : new SkeinError(botErrors.bug, { message: `Internal error ${id}.`, cause: error });
}
