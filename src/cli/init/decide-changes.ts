import type { Git, Repository } from "../../adapters/git/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type { AgentName } from "./agents.ts";
import { checkInside } from "./apply.ts";
import { attempt } from "./faults.ts";
import { isChange } from "./file-change.ts";
import type { FileChange } from "./file-change.ts";
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
  /** In the order of the files. */
  readonly faults: readonly SkeinError[];
}

/** Decides what changes. @throws {SkeinError} SKN-2091, SKN-2093, SKN-2095 where what is Skein's cannot be told from the rest when it is taken out. */
export async function decideChanges({ remove, portable }: Wishes, world: World): Promise<Decided> {
  const { repository, names, git, place, launch } = world;
  if (remove) {
    const removal = await decideRemoval(world);
    const { changes } = removal;
    return { removal, changes, kept: noneKept, faults: linkFaults(changes, repository) };
  }
  const kept = portable ? noneKept : await findKeptFiles(git, repository.root, names);
  const ofHooks = guardHooks.flatMap((hook): readonly (FileChange | SkeinError)[] => {
    const found = attempt(() => guardChanges(place, launch, [hook]));
    return found instanceof SkeinError ? [found] : found;
  });
  const found = [...agentChanges(world), ...ofHooks];
  const isKept = ({ path }: FileChange): boolean => kept.paths.has(path);
  const changes = found.flatMap((each) =>
    each instanceof SkeinError || isKept(each) || !isChange(each) ? [] : [each],
  );
  const broken = found.flatMap((each) => (each instanceof SkeinError ? [each] : []));
  const faults = [...broken, ...linkFaults(changes, repository)];
  return { removal: null, changes, kept, faults };
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
