import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { plainEnv } from "./coordinated-repository.ts";
import type { HttpStand } from "./http-stand.ts";

/** A clone on "another machine": a folder of its own, without a store, whose environment names the stand's server. */
export interface RemoteClone {
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  git(...args: readonly string[]): string;
  write(path: string, text: string): void;
  remove(): void;
}

export function cloneOf(stand: Pick<HttpStand, "repository" | "token" | "url">): RemoteClone {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "skein-clone-")));
  const root = join(folder, "clone");
  execFileSync("git", ["clone", "--quiet", stand.repository.root, root], { env: { ...plainEnv } });
  return {
    root,
    env: { ...plainEnv, SKEIN_URL: stand.url, SKEIN_TOKEN: stand.token },
    git: (...args) =>
      execFileSync("git", [...args], {
        cwd: root,
        encoding: "utf8",
        env: { ...plainEnv },
      }).trim(),
    write: (path, text) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
