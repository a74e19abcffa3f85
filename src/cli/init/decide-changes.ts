import type { Git, Repository } from "../../adapters/git/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type { AgentName } from "./agents.ts";
import { checkInside } from "./apply.ts";
import { decideExclusion } from "./exclusion.ts";
import type { ExclusionWish, OwnExclusion } from "./exclusion.ts";
import { attempt } from "./faults.ts";
import { isChange } from "./file-change.ts";
import type { FileChange } from "./file-change.ts";
import { groundOf } from "./file-owner.ts";
import { guardChanges } from "./git-hooks.ts";
import type { HookPlace } from "./git-hooks.ts";
import { guardHooks } from "./hook-script.ts";
import { findKeptFiles, noneKept } from "./kept-files.ts";
import type { KeptFiles } from "./kept-files.ts";
import type { Launch } from "./launch.ts";
import { outlooks } from "./plan-changes.ts";
import type { InitRecord } from "./record.ts";
import { decideRemoval } from "./removal.ts";
import type { Removal } from "./removal.ts";

interface Wishes {
  readonly remove: boolean;
  readonly portable: boolean;
}

interface World {
  readonly repository: Repository;
  readonly launch: Launch;
  readonly place: HookPlace;
  readonly git: Git;
  readonly names: readonly AgentName[];
  readonly record: InitRecord;
}

/** What `init` is to write, and all that keeps it from doing so: with one fault nothing is written. */
export interface Decided {
  readonly removal: Removal | null;
  readonly changes: readonly FileChange[];
  readonly kept: KeptFiles;
  /** What git is to pass over; null for a removal, and where the list cannot be read. */
  readonly exclusion: OwnExclusion | null;
  /** In the order of the files. */
  readonly faults: readonly SkeinError[];
}

/** Decides what changes. @throws {SkeinError} SKN-2091, SKN-2093, SKN-2095 where what is Skein's cannot be told from the rest when it is taken out. */
export async function decideChanges({ remove, portable }: Wishes, world: World): Promise<Decided> {
  const { repository, names, git, place, launch } = world;
  if (remove) {
    const removal = await decideRemoval(world);
    const { changes } = removal;
    const faults = linkFaults(changes, repository);
    return { removal, changes, kept: noneKept, exclusion: null, faults };
  }
  const kept = portable ? noneKept : await findKeptFiles(git, repository.root, names);
  const ofHooks = guardHooks.flatMap((hook): readonly (FileChange | SkeinError)[] => {
    const found = attempt(() => guardChanges(place, launch, [hook]));
    return found instanceof SkeinError ? [found] : found;
  });
  const isKept = ({ path }: FileChange): boolean => kept.paths.has(path);
  const ofAgents = agentChanges(world).filter(
    (each) => each instanceof SkeinError || !isKept(each),
  );
  const found = [...ofAgents, ...ofHooks];
  const changes = found
    .flatMap((each) => (each instanceof SkeinError ? [] : each))
    .filter(isChange);
  const wanted = ofAgents.flatMap((each) => (each instanceof SkeinError ? [] : [each.path]));
  const exclusion = await excluding(world, { changes, wanted, isPortable: portable });
  const broken = [...found, exclusion].filter((each) => each instanceof SkeinError);
  const faults = [...broken, ...linkFaults(changes, repository)];
  if (exclusion instanceof SkeinError) {
    return { removal: null, changes, kept, exclusion: null, faults };
  }
  const all = [...changes, exclusion.change].filter(isChange);
  return { removal: null, changes: all, kept, exclusion, faults };
}

async function excluding(
  world: World,
  wish: Pick<ExclusionWish, "changes" | "wanted" | "isPortable">,
): Promise<OwnExclusion | SkeinError> {
  const ground = await groundOf(world.git, world.repository);
  return decideExclusion({ ...world, ...wish, ground }).catch((error: unknown) => {
    if (error instanceof SkeinError) {
      return error;
    }
    throw error;
  });
}

/** What changes in the files of agent programs. Of a file that is not this repository's, that is what is wrong. */
function agentChanges({ repository, names, launch }: World): readonly (FileChange | SkeinError)[] {
  return names
    .flatMap((name) => outlooks(repository.root, name, launch))
    .map(({ path, found }) =>
      found instanceof SkeinError ? (linkFaults([{ path }], repository)[0] ?? found) : found,
    );
}

function linkFaults(
  changes: readonly Pick<FileChange, "path" | "link">[],
  repository: Repository,
): readonly SkeinError[] {
  return changes.flatMap((change) => {
    const found = attempt(() => {
      checkInside(change, repository);
      return null;
    });
    return found ?? [];
  });
}
