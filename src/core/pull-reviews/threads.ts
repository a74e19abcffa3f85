import { isAtLeast } from "../hosting/index.ts";
import type { Permission, ReviewThread, User } from "../hosting/index.ts";
import type { Outcome } from "../review/index.ts";
import { printOf } from "./comments.ts";
import type { MarkOptions } from "./comments.ts";

/** A thread that one of our comments began. */
export interface OwnThread {
  readonly thread: ReviewThread;
  /** The first 16 digits of its finding's fingerprint. */
  readonly print: string;
}

/** The threads that our own account began about findings. A comment of ours that somebody else quotes is not one. */
export function ownThreads(
  threads: readonly ReviewThread[],
  self: User,
  options: MarkOptions,
): readonly OwnThread[] {
  return threads.flatMap((thread) => {
    const [first] = thread.comments;
    const print = first?.author.id === self.id ? printOf(first.body, options) : null;
    return print === null ? [] : [{ thread, print }];
  });
}

/** What a person did with a finding, told by its thread. */
export interface Told {
  readonly print: string;
  readonly outcome: Outcome;
  readonly by: User;
}

/**
 * The accounts whose word counts only if they may write: to be looked up. Those who resolved first, which few may: anybody puts thumbs under
 * a comment of a public repository.
 */
export function judgesOf(threads: readonly OwnThread[], self: User): readonly User[] {
  const resolvers = threads.flatMap(({ thread: { resolvedBy } }) => resolvedBy ?? []);
  const thumbs = threads.flatMap(({ thread: { comments } }) => {
    const [first] = comments;
    return first === undefined ? [] : [...first.reactions.up, ...first.reactions.down];
  });
  const people = [...resolvers, ...thumbs].filter(
    ({ id, kind }) => id !== self.id && kind === "person",
  );
  return [...new Map(people.map((user) => [user.id, user])).values()];
}

/**
 * Reads from threads what became of their findings. Whoever may write here tells by resolving: where the lines are gone the finding was mended,
 * where they stand it was declined; and by a thumb: down is declined. What strangers and the author of a fork's change do tells nothing.
 */
export function toldBy(
  threads: readonly OwnThread[],
  permissionOf: (user: User) => Permission,
): readonly Told[] {
  const counts = (user: User): boolean =>
    user.kind === "person" && isAtLeast(permissionOf(user), "write");
  return threads.flatMap(({ thread, print }): readonly Told[] => {
    const by = thread.resolvedBy;
    if (thread.isResolved && by !== null && counts(by)) {
      return [{ print, outcome: thread.isOutdated ? "resolved" : "dismissed", by }];
    }
    const [first] = thread.comments;
    const down = first?.reactions.down.find(counts);
    const up = first?.reactions.up.find(counts);
    return down !== undefined && up === undefined
      ? [{ print, outcome: "dismissed", by: down }]
      : [];
  });
}

/**
 * The threads to close: their finding was mended or is no longer found and its lines are gone, nobody has closed them, and nobody but us has
 * written in them.
 */
export function threadsToResolve(
  threads: readonly OwnThread[],
  facts: {
    readonly live: ReadonlySet<string>;
    readonly fixed: ReadonlySet<string>;
    readonly self: User;
  },
): readonly OwnThread[] {
  const { live, fixed, self } = facts;
  return threads.filter(({ thread, print }) => {
    const isOver = fixed.has(print) || (thread.isOutdated && !live.has(print));
    const isQuiet = thread.comments.every(({ author }) => author.id === self.id);
    return isOver && isQuiet && !thread.isResolved;
  });
}
