import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A real repository in a folder of its own, for as long as a test lasts. */
export interface TestRepository {
  readonly root: string;
  git(...args: readonly string[]): string;
  write(path: string, text: string): void;
  read(path: string): string;
  /** Every file below the root, those in `.git/hooks` and `.git/config` included, with its text and mode. */
  files(): ReadonlyMap<string, string>;
  remove(): void;
}

export function createTestRepository(): TestRepository {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "skein-init-")));
  const git = (...args: readonly string[]): string =>
    execFileSync("git", [...args], {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
    }).trim();
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Ada");
  git("config", "user.email", "ada@example.com");
  return {
    root,
    git,
    write: (path, text) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    read: (path) => readFileSync(join(root, path), "utf8"),
    files: () => filesBelow(root),
    remove: () => {
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function filesBelow(root: string): ReadonlyMap<string, string> {
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" });
  const kept = paths.filter(
    (path) => !path.startsWith(".git/") || path.startsWith(".git/hooks/") || path === ".git/config",
  );
  return new Map(
    kept.toSorted().map((path) => {
      const stats = statSync(join(root, path));
      const text = stats.isDirectory() ? "" : readFileSync(join(root, path), "utf8");
      return [path, `${stats.mode.toString(8)} ${text}`];
    }),
  );
}
