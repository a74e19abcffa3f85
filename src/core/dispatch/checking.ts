import type { LeaseVerdict } from "../leases/index.ts";
import type { Session } from "../sessions/index.ts";
import type { DispatchDeps } from "./deps.ts";
import type { Dispatch } from "./dispatch.ts";

/**
 * So many characters of paths are asked about at once. Each is held against every glob around it, and as many globs as there may be make some 40 ms of
 * this much: for so long nothing else of the process comes between, nor any writer of a file.
 */
export const charactersAtOnce = 16_384;

/**
 * Answers what the ledger says of paths. A large question is taken apart: between its parts others come, and of all large ones that are under way one
 * part is asked at a time.
 */
export function createChecking({
  store,
  leases,
}: Pick<DispatchDeps, "leases" | "store">): Dispatch["check"] {
  const inTurn = createTurns();
  const ask = async (
    session: Session | null,
    paths: readonly string[],
  ): Promise<ReadonlyMap<string, LeaseVerdict>> =>
    store.read((reader) =>
      leases.check(reader, {
        session: session?.id ?? null,
        ancestors: session?.ancestors ?? [],
        paths,
      }),
    );
  return async (session, paths) => {
    const parts = partsOf(paths);
    if (parts.length <= 1) {
      return ask(session, paths);
    }
    const all = new Map<string, LeaseVerdict>();
    for (const part of parts) {
      for (const [path, verdict] of await inTurn(async () => ask(session, part))) {
        all.set(path, verdict);
      }
    }
    return all;
  };
}

/** In their order; one that is longer than a part is one of its own. */
function partsOf(paths: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = [];
  let room = 0;
  for (const path of paths) {
    if (path.length > room) {
      parts.push([]);
      room = charactersAtOnce;
    }
    parts.at(-1)?.push(path);
    room -= path.length;
  }
  return parts;
}

/** Runs one at a time, in order of arrival, each in a round of events of its own. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return async (work) => {
    const mine = last.then(async () => {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      return work();
    });
    last = mine.catch(() => undefined);
    return mine;
  };
}
