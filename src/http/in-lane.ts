import { isTooMuch } from "./answers.ts";
import type { Lane } from "./lanes.ts";
import type { ServerParts } from "./parts.ts";
import type { Visit } from "./visit.ts";

/** Runs what a visit asks for when its turn comes, within its project's share. @throws {SkeinError} SKN-7931, SKN-7934. */
export async function inLane<T>(
  { parts, project, principal }: Visit,
  lane: Lane,
  work: () => Promise<T>,
): Promise<T> {
  return refusedLate(parts, async () => {
    project.share.take(lane, principal);
    return parts.lanes.run(lane, principal, work);
  });
}

/** Tells whoever is turned away with 429 when that is due, and holds nobody's place meanwhile. */
export async function refusedLate<T>(
  { refusals }: Pick<ServerParts, "refusals">,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await (isTooMuch(error) ? refusals.due() : undefined);
    throw error;
  }
}
