import type { Lane } from "./lanes.ts";
import type { Visit } from "./visit.ts";

/** Runs what a visit asks for when its turn comes, within its project's share. @throws {SkeinError} SKN-7931, SKN-7934. */
export async function inLane<T>(
  { parts, project, principal }: Visit,
  lane: Lane,
  work: () => Promise<T>,
): Promise<T> {
  project.share.take(lane, principal);
  return parts.lanes.run(lane, principal, work);
}
