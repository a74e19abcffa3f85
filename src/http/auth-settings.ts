import { createGit, locateRepository, readCommitted } from "../adapters/git/index.ts";
import { SkeinError } from "../core/base/errors.ts";
import { loadSettings, settingsFiles } from "../settings.ts";
import type { AuthSettings } from "../settings.ts";
import { httpErrors } from "./errors.ts";

export interface AuthRequest {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** True: whoever starts the server says that the repository's `auth` counts. */
  readonly isAsked: boolean;
  log(this: void, line: string): void;
}

/**
 * Who may call the server, as its settings say. In a folder of its own they are the operator's. In a repository they may be anybody's who could
 * write to it, and would open this machine to an identity provider of their choice: there they count when the one who starts the server says so,
 * and as committed on the default branch, where there is a file.
 *
 * @throws {SkeinError} SKN-2934 when they are asked for and there are none, SKN-20xx.
 */
export async function readAuth({
  cwd,
  env,
  isAsked,
  log,
}: AuthRequest): Promise<AuthSettings | null> {
  const repository = locateRepository(cwd);
  if (repository === null) {
    return (await loadSettings({ root: cwd, env })).settings.auth;
  }
  const { root } = repository;
  if (!isAsked) {
    const { settings } = await loadSettings({ root, env });
    if (settings.auth !== null) {
      log("skein.yml says who else may call (`auth`); that counts with --auth");
    }
    return null;
  }
  const committed = await readCommitted(createGit({ cwd: root, env }), settingsFiles);
  const { settings } = await loadSettings({
    root,
    env,
    text: committed?.text,
    textFile: committed?.file,
  });
  if (settings.auth === null) {
    throw new SkeinError(httpErrors.noAuth, { facts: { root } });
  }
  return settings.auth;
}
