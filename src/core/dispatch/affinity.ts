import type { SessionId } from "../base/ids.ts";

/** How well a session suits a task (E8). */
export interface Fit {
  /** The session has held paths that the task's scope meets. */
  readonly hasTouched: boolean;
  /** How many of the task's skills the session names. */
  readonly skillsMatched: number;
}

/** Orders fits, the better first: file context, then skills. */
export function compareFits(left: Fit, right: Fit): number {
  return (
    Number(right.hasTouched) - Number(left.hasTouched) || right.skillsMatched - left.skillsMatched
  );
}

/** Counts the skills that a task asks for and a session has; letter case does not matter. */
export function countSkills(wanted: readonly string[], had: readonly string[]): number {
  if (wanted.length === 0 || had.length === 0) {
    return 0;
  }
  const known = new Set(had.map((skill) => skill.toLowerCase()));
  return wanted.filter((skill) => known.has(skill.toLowerCase())).length;
}

/** What is known of another session that could take a task instead. */
export interface Peer {
  readonly skills: readonly string[];
  readonly isIdle: boolean;
}

/**
 * Decides whether a session should leave a task to a better suited one: the task names skills that this session lacks, and an idle
 * session has them all. Without such a session anyone may take it, so that skills never starve a task.
 */
export function leavesToPeers(
  wanted: readonly string[],
  own: readonly string[],
  peers: readonly Peer[],
): boolean {
  if (countSkills(wanted, own) === wanted.length) {
    return false;
  }
  return peers.some((peer) => peer.isIdle && countSkills(wanted, peer.skills) === wanted.length);
}

/** A session that a task could be handed to. */
export interface Assignee extends Fit {
  readonly session: SessionId;
  /** Unfinished claims. */
  readonly load: number;
}

/** Chooses who gets a task that is handed out: file context, then skills, then the least loaded, then the oldest session. */
export function decideAssignee(assignees: readonly Assignee[]): SessionId | null {
  const ordered = assignees.toSorted(
    (left, right) =>
      compareFits(left, right) ||
      left.load - right.load ||
      Number(left.session.slice(1)) - Number(right.session.slice(1)),
  );
  return ordered[0]?.session ?? null;
}
