import { join } from "node:path";
import { createDemoGit, demoEnv } from "./processes.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** A clone in which no branch is checked out, with a worktree for each agent; gives where an agent's worktree is. */
export async function makeWorktrees(
  source: string,
  repository: string,
  { agents, folder, env }: { readonly agents: number; readonly folder: string; readonly env: Env },
): Promise<(name: string) => string> {
  const ownEnv = demoEnv(env, "skein");
  await createDemoGit(folder, ownEnv).text("clone", "--quiet", source, repository);
  const git = createDemoGit(repository, ownEnv);
  await git.text("config", "gc.auto", "0");
  await git.text("checkout", "--quiet", "--detach");
  await git.text("remote", "remove", "origin");
  const place = (name: string): string => join(folder, name);
  for (let index = 1; index <= agents; index += 1) {
    await git.text(
      "worktree",
      "add",
      "--quiet",
      "--detach",
      place(`agent-${String(index)}`),
      "main",
    );
  }
  return place;
}
