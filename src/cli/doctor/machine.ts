import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fine, trouble } from "./finding.ts";
import type { Finding } from "./finding.ts";

const oldestNode = [22, 18] as const;
const oldestGit = [2, 38] as const;

/** Looks at Node and git. */
export async function examineMachine(
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Finding[]> {
  return [examineNode(process.versions.node), await examineGit(env)];
}

/** Judges a version of Node. */
export function examineNode(version: string): Finding {
  return isAtLeast(version, oldestNode)
    ? fine("node", `Node ${version}`)
    : trouble("fail", "node", {
        what: `Node ${version} is too old.`,
        why: "Skein's sources and its database driver need a newer one.",
        fix: `Install Node ${oldestNode.join(".")} or newer from https://nodejs.org.`,
      });
}

async function examineGit(env: Readonly<Record<string, string | undefined>>): Promise<Finding> {
  try {
    const { stdout } = await promisify(execFile)("git", ["--version"], { env, timeout: 10_000 });
    const version = /(\d+\.\d+[\d.]*)/u.exec(stdout)?.[1] ?? "0";
    return isAtLeast(version, oldestGit)
      ? fine("git", `git ${version}`)
      : trouble("fail", "git", {
          what: `git ${version} is too old.`,
          why: "Skein merges in memory with `git merge-tree --write-tree`.",
          fix: `Install git ${oldestGit.join(".")} or newer.`,
        });
  } catch {
    return trouble("fail", "git", {
      what: "git cannot be started.",
      why: "Skein works on git repositories.",
      fix: `Install git ${oldestGit.join(".")} or newer and put it on the PATH.`,
    });
  }
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [haveMajor = 0, haveMinor = 0] = version.split(".").map(Number);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
}
