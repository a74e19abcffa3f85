import { SkeinError } from "../base/errors.ts";
import { withoutMarkers } from "../hosting/index.ts";
import type { CollectedPull } from "./collecting.ts";
import type { PullReviewsDeps } from "./deps.ts";
import { pullReviewErrors } from "./errors.ts";
import { keepState } from "./publishing.ts";

/**
 * Notes that reviews are paused, or go on, below what our comment says; again it changes nothing.
 *
 * @throws {SkeinError} SKN-4671 where what is kept cannot be believed: written anew, it would look as if it could.
 */
export async function pause(
  deps: PullReviewsDeps,
  collected: CollectedPull,
  isPaused: boolean,
): Promise<void> {
  const { pull, state, comment, isTampered } = collected;
  if (isTampered) {
    throw new SkeinError(pullReviewErrors.tampered, { facts: { number: pull.number } });
  }
  if (state.is_paused !== isPaused) {
    const said = comment === null ? heading : withoutNote(comment.body);
    const text = isPaused ? `${said}\n\n${note}\n` : `${said}\n`;
    await keepState(deps, collected, { state: { ...state, is_paused: isPaused }, text });
  }
}

const heading = "## Skein review";

/** No text of others makes such a line: its signs would be escaped. */
const note = "**Reviews are paused here.** `/skein resume` lets them go on.";

function withoutNote(body: string): string {
  return withoutMarkers(body.replaceAll("\r\n", "\n"))
    .split("\n")
    .filter((line) => line !== note)
    .join("\n")
    .trimEnd();
}
