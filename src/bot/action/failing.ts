import * as core from "@actions/core";

import { SkeinError } from "../../core/base/errors.ts";
import { furtherFaults } from "../../core/base/further-faults.ts";
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
  const also = furtherFaults(told).map((fault) => `Also: ${fault}`);
  core.error([`${told.message} ${told.fix}`, ...also].join("\n"), { title: told.code });
  core.setOutput("conclusion", "failure");
  core.setOutput("title", `${told.code}: ${told.message}`);
  const path = failing.env["GITHUB_STEP_SUMMARY"] ?? "";
  if (path !== "") {
    const paragraphs = [told.message, told.fix, ...also].map((text) =>
      safeProse(text, { maxChars: 2_000 }),
    );
    writeSummary(path, `### Skein failed: ${told.code}\n\n${paragraphs.join("\n\n")}`);
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
