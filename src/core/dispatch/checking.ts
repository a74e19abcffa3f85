import { createRounds } from "../base/rounds.ts";
import type { LeaseVerdict } from "../leases/index.ts";
import type { Session } from "../sessions/index.ts";
import type { DispatchDeps } from "./deps.ts";
import type { Dispatch } from "./dispatch.ts";

/**
 * So many characters of paths are asked about at once. Each is held against every glob around it, and as many globs as there may be make some 40 ms of
 * this much: for so long nothing else of the process comes between, nor any writer of a file.
 */
export const charactersAtOnce = 16_384;

/** A question counts as many at least: it reads all that lies around its paths, however few they are. */
const leastCharacters = 1_024;

/**
 * Answers what the ledger says of paths. A large question is taken apart, and of all that are asked, large or small, only so much begins in one round
 * of events: between the rounds others come.
 */
export function createChecking({
  store,
  leases,
}: Pick<DispatchDeps, "leases" | "store">): Dispatch["check"] {
  const rounds = createRounds(charactersAtOnce);
  const ask = async (
    session: Session | null,
    paths: readonly string[],
  ): Promise<ReadonlyMap<string, LeaseVerdict>> =>
    rounds.run(sizeOf(paths), async () =>
      store.read((reader) =>
        leases.check(reader, {
          session: session?.id ?? null,
          ancestors: session?.ancestors ?? [],
          paths,
        }),
      ),
    );
  return async (session, paths) => {
    const parts = partsOf(paths);
    if (parts.length <= 1) {
      return ask(session, paths);
    }
    const all = new Map<string, LeaseVerdict>();
    for (const part of parts) {
      for (const [path, verdict] of await ask(session, part)) {
        all.set(path, verdict);
      }
    }
    return all;
  };
}

function sizeOf(paths: readonly string[]): number {
  const characters = paths.reduce((sum, path) => sum + path.length, 0);
  return Math.max(leastCharacters, characters);
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
