import { SkeinError } from "../../core/base/errors.ts";
import { serverErrors } from "./errors.ts";

/** How much of one answer, or of one message of a stream, is taken, in characters. */
export const largestAnswer = 64 * 1_024 * 1_024;

/** What answers without end is no server of Skein. */
export function endless(): SkeinError {
  return new SkeinError(serverErrors.notSkein, { message: "The server's answer does not end." });
}
