import {
  changesDependencies,
  ecosystems,
  locksAlone,
  manifestsAlone,
} from "../../base/package-managers.ts";
import type { ChangedFile } from "../change.ts";
import { faultOfFile } from "./check.ts";
import type { Fault } from "./check.ts";

export interface LockFileOptions {
  /** True for a path of the head. A manifest alone is a fault only where there is a lock file to follow it. */
  readonly hasPath: (path: string) => boolean;
}

/**
 * Finds lock files that change without a manifest (other code is installed, and no line of the manifest says why), and manifests whose
 * dependencies change while the lock file beside them does not. A manifest below the lock file's folder counts, as in workspaces.
 */
export function findLockFileFaults(
  files: readonly ChangedFile[],
  { hasPath }: LockFileOptions,
): readonly Fault[] {
  return ecosystems.flatMap((ecosystem) => [
    ...locksAlone(files, ecosystem).map((file) =>
      faultOfFile(file, {
        severity: "medium",
        category: "security",
        title: `A lock file changes without ${ecosystem.manifest}`,
        body: "What is installed changes, and no manifest says why. Make sure that a package manager wrote it and that the sources and checksums are the expected ones.",
      }),
    ),
    ...manifestsAlone(files, ecosystem, { isChanging, hasPath }).map((file) =>
      faultOfFile(file, {
        severity: "medium",
        category: "correctness",
        title: "Dependencies change and the lock file does not",
        body: "A clean install fails, or installs something else than was tested. Run the package manager and commit its lock file.",
      }),
    ),
  ]);
}

function isChanging({ path, kind, hunks }: ChangedFile): boolean {
  const changed = hunks.flatMap(({ lines }) => lines.filter((line) => line.kind !== "context"));
  const texts = changed.map(({ text }) => text);
  return kind === "modified" && changesDependencies(path, texts);
}
