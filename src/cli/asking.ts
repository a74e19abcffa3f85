import { SkeinError } from "../core/base/errors.ts";
import type { Call } from "./command.ts";
import { cliErrors } from "./errors.ts";

/**
 * Asks before something is taken away for good; `--yes` answers.
 *
 * @throws {SkeinError} SKN-1007 where nobody can be asked, SKN-8001 when the answer is no.
 */
export async function needYes(call: Call, question: string): Promise<void> {
  if (call.options.flag("yes")) {
    return;
  }
  if (!call.globals.input) {
    throw new SkeinError(cliErrors.needsYes, {
      message: `${question} Nobody is there to say yes.`,
    });
  }
  const answer = await call.io.ask(`${question} [y/N] `);
  if (!/^y(?:es)?$/iu.test(answer.trim())) {
    throw new SkeinError(cliErrors.declined);
  }
}

/** The reason of a forced change, asked for where somebody can be. @throws {SkeinError} SKN-1011. */
export async function needReason(call: Call): Promise<string> {
  const given = call.options.text("reason");
  if (given !== null) {
    return given;
  }
  const asked = call.globals.input ? (await call.io.ask("Why? ")).trim() : "";
  if (asked === "") {
    throw new SkeinError(cliErrors.noReason);
  }
  return asked;
}
