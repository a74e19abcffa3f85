/** A package manager's manifest, its lock files, and what a changed line of dependencies looks like. */
export interface Ecosystem {
  readonly manifest: string;
  readonly locks: readonly string[];
  readonly dependency: RegExp;
}

const tomlDependency =
  /^\s*(?!(?:version|edition|name|rust-version)\b)["\w.-]{1,100}\s*=\s*(?:["'][\^~<>=*\d]|\{.{0,200}\b(?:version|git|path)\b)/u;

export const ecosystems: readonly Ecosystem[] = [
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
      /^\s*"(?!(?:version|node|npm)")[@\w./-]{1,214}"\s*:\s*"(?:[\^~<>=*]|\d+\.|\d+"|latest"|npm:|git[+:]|github:|https?:)/u,
  },
  { manifest: "Cargo.toml", locks: ["Cargo.lock"], dependency: tomlDependency },
  {
    manifest: "pyproject.toml",
    locks: ["poetry.lock", "uv.lock", "pdm.lock"],
    dependency:
      /^\s*(?:["'][\w.[\]-]{1,100}\s*(?:[~<>=!]=|[<>]|@)|(?!version\b|requires-python\b)["\w.-]{1,100}\s*=\s*["'][\^~<>=*\d])/u,
  },
  { manifest: "Pipfile", locks: ["Pipfile.lock"], dependency: tomlDependency },
  {
    manifest: "go.mod",
    locks: ["go.sum"],
    dependency: /^\s*(?:require\s+)?[^\s]{1,200}\s+v\d/u,
  },
  {
    manifest: "composer.json",
    locks: ["composer.lock"],
    dependency: /^\s*"[\w.-]{1,100}\/[\w.-]{1,100}"\s*:\s*"/u,
  },
  { manifest: "Gemfile", locks: ["Gemfile.lock"], dependency: /^\s*gem\s/u },
  {
    manifest: "pubspec.yaml",
    locks: ["pubspec.lock"],
    dependency: /^\s+\w{1,100}:\s*["']?[\^~<>=\d]/u,
  },
];

/** True for a file in which people write dependencies, so that its changed lines are worth a look. */
export function isManifest(path: string): boolean {
  return ecosystems.some(({ manifest }) => manifest === nameOf(path));
}

/** True for a file in which a package manager writes what it chose. */
export function isLockFile(path: string): boolean {
  return ecosystems.some(({ locks }) => locks.includes(nameOf(path)));
}

/** Tells of a manifest whether its added or removed lines are lines of dependencies. */
export function changesDependencies(path: string, changedLines: readonly string[]): boolean {
  const ecosystem = ecosystems.find(({ manifest }) => manifest === nameOf(path));
  return (
    ecosystem !== undefined &&
    changedLines.some((line) => ecosystem.dependency.test(line.slice(0, 500)))
  );
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** With its slash; empty at the root. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** The lock files of a package manager that a manifest may go with: beside it, or in a folder above, as in workspaces. */
function locksOver(path: string, { locks }: Ecosystem): readonly string[] {
  const folders = [folderOf(path)];
  while (folders.at(-1) !== "") {
    folders.push(folderOf((folders.at(-1) ?? "").slice(0, -1)));
  }
  return folders.flatMap((folder) => locks.map((lock) => `${folder}${lock}`));
}

/** What the search for lock files and manifests has to know of a changed file. */
interface Changed {
  readonly path: string;
  /** As `modified`. */
  readonly kind: string;
}

/** The changed lock files without a changed manifest: other code is installed, and no line of a manifest says why. One below the lock file's folder counts. */
export function locksAlone<T extends Changed>(
  files: readonly T[],
  { manifest, locks }: Ecosystem,
): readonly T[] {
  const manifests = files.filter(({ path }) => nameOf(path) === manifest);
  return files
    .filter(({ path, kind }) => locks.includes(nameOf(path)) && kind === "modified")
    .filter(({ path }) => !manifests.some((each) => each.path.startsWith(folderOf(path))));
}

interface ManifestOptions<T> {
  /** True for a manifest whose dependencies change. */
  readonly isChanging: (file: T) => boolean;
  /** True for a path of the head. */
  readonly hasPath: (path: string) => boolean;
}

/** The manifests whose dependencies change while no lock file over them does, where there is one. */
export function manifestsAlone<T extends Changed>(
  files: readonly T[],
  ecosystem: Ecosystem,
  { isChanging, hasPath }: ManifestOptions<T>,
): readonly T[] {
  const changed = new Set(files.map(({ path }) => path));
  return files
    .filter((file) => nameOf(file.path) === ecosystem.manifest && isChanging(file))
    .filter(({ path }) => {
      const own = locksOver(path, ecosystem);
      return own.some(hasPath) && !own.some((lock) => changed.has(lock));
    });
}
