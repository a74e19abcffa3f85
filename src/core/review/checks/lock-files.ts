import type { ChangedFile } from "../change.ts";
import { faultOfFile } from "./check.ts";
import type { Fault } from "./check.ts";

/** A package manager's manifest, its lock files, and what a changed line of dependencies looks like. */
interface Ecosystem {
  readonly manifest: string;
  readonly locks: readonly string[];
  readonly dependency: RegExp;
}

const toml = /^\s*["\w.-]+\s*=\s*(?:["'][\^~<>=*\d]|\{.*\b(?:version|git|path)\b)/u;

const ecosystems: readonly Ecosystem[] = [
  {
    manifest: "package.json",
    locks: [
      "package-lock.json",
      "npm-shrinkwrap.json",
      "yarn.lock",
      "pnpm-lock.yaml",
      "bun.lock",
      "bun.lockb",
    ],
    dependency:
      /^\s*"(?!version"|node"|npm")[@\w./-]+":\s*"(?:[\^~<>=*]|\d+\.|\d+"|latest"|npm:|git[+:]|github:|https?:)/u,
  },
  { manifest: "Cargo.toml", locks: ["Cargo.lock"], dependency: withoutVersion(toml) },
  {
    manifest: "pyproject.toml",
    locks: ["poetry.lock", "uv.lock", "pdm.lock"],
    dependency:
      /^\s*(?:["'][\w.[\]-]+\s*(?:[~<>=!]=|[<>]|@)|(?!version\b)["\w.-]+\s*=\s*["'][\^~<>=*\d])/u,
  },
  { manifest: "Pipfile", locks: ["Pipfile.lock"], dependency: withoutVersion(toml) },
  { manifest: "go.mod", locks: ["go.sum"], dependency: /^\s*(?:require\s+)?\S+\s+v\d/u },
  {
    manifest: "composer.json",
    locks: ["composer.lock"],
    dependency: /^\s*"[\w.-]+\/[\w.-]+":\s*"/u,
  },
  { manifest: "Gemfile", locks: ["Gemfile.lock"], dependency: /^\s*gem\s/u },
  { manifest: "pubspec.yaml", locks: ["pubspec.lock"], dependency: /^\s+\w+:\s*["']?[\^~<>=\d]/u },
];

const lockNames: ReadonlySet<string> = new Set(ecosystems.flatMap(({ locks }) => locks));

/** True for the path of a lock file that the checks know. */
export function isLockName(path: string): boolean {
  return lockNames.has(nameOf(path));
}

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
  options: LockFileOptions,
): readonly Fault[] {
  return ecosystems.flatMap((ecosystem) => [
    ...locksAlone(files, ecosystem),
    ...manifestsAlone(files, ecosystem, options),
  ]);
}

function locksAlone(
  files: readonly ChangedFile[],
  { manifest, locks }: Ecosystem,
): readonly Fault[] {
  const manifests = files.filter(({ path }) => nameOf(path) === manifest);
  return files
    .filter(({ path, kind }) => locks.includes(nameOf(path)) && kind === "modified")
    .filter(({ path }) => !manifests.some((each) => each.path.startsWith(folderOf(path))))
    .map((file) =>
      faultOfFile(file, {
        severity: "medium",
        category: "security",
        title: `A lock file changes without ${manifest}`,
        body: "What is installed changes, and no manifest says why. Make sure that a package manager wrote it and that the sources and checksums are the expected ones.",
      }),
    );
}

function manifestsAlone(
  files: readonly ChangedFile[],
  { manifest, locks, dependency }: Ecosystem,
  { hasPath }: LockFileOptions,
): readonly Fault[] {
  return files
    .filter(({ path, kind }) => nameOf(path) === manifest && kind === "modified")
    .filter((file) => changesDependencies(file, dependency))
    .filter(({ path }) => {
      const own = foldersAbove(path).flatMap((folder) => locks.map((lock) => `${folder}${lock}`));
      return own.some(hasPath) && !files.some((file) => own.includes(file.path));
    })
    .map((file) =>
      faultOfFile(file, {
        severity: "medium",
        category: "correctness",
        title: "Dependencies change and the lock file does not",
        body: "A clean install fails, or installs something else than was tested. Run the package manager and commit its lock file.",
      }),
    );
}

function changesDependencies({ hunks }: ChangedFile, dependency: RegExp): boolean {
  return hunks.some(({ lines }) =>
    lines.some(({ kind, text }) => kind !== "context" && dependency.test(text.slice(0, 500))),
  );
}

/** The package's own version is no dependency. */
function withoutVersion({ source, flags }: RegExp): RegExp {
  return new RegExp(
    source.replace(String.raw`^\s*`, String.raw`^\s*(?!version\b|edition\b)`),
    flags,
  );
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** With its slash; empty at the root. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

function foldersAbove(path: string): readonly string[] {
  const folders = [folderOf(path)];
  while (folders.at(-1) !== "") {
    folders.push(folderOf((folders.at(-1) ?? "").slice(0, -1)));
  }
  return folders;
}
