import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { createGit } from "../../adapters/git/index.ts";
import { readableText } from "../init/agent-file.ts";
import { findHookPlace } from "../init/git-hooks.ts";
import { guardHooks } from "../init/hook-script.ts";
import { agentFiles } from "../init/plan-changes.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";
import { launchesOf } from "./launches.ts";

/** `npx --no skein` in a script, or as a command with its arguments. */
const startsByNpx = /npx["',\s[]+(?:args[\s"=:[]+)?--no["',\s]+skein["'\s,]/u;

const patienceMs = 20_000;

/**
 * Looks whether npx finds the Skein that files for every machine start with it. It is asked in a folder outside of the repository, so that
 * nothing runs which the repository brings along.
 */
export async function examineNpx({ repository, env }: Patient): Promise<readonly Finding[]> {
  const { root } = repository;
  const place = await findHookPlace(createGit({ cwd: root, env }), repository);
  const paths = [
    ...agentFiles(root, launchesOf(root)[0]),
    ...guardHooks.map((hook) => join(place.folder, hook)),
  ];
  const first = paths.find((path) => startsByNpx.test(readableText(path) ?? ""));
  if (first === undefined || existsSync(join(root, "node_modules/.bin/skein"))) {
    return [];
  }
  return (await isFound(env))
    ? [fine("npx", "npx finds the Skein that committed files start.")]
    : [
        trouble("fail", "npx", {
          what: `${relative(root, first)} starts Skein with \`npx --no skein\`, and npx finds none.`,
          why: "Agents then get neither its server nor its hooks, and git hooks that are written so stop every commit.",
          fix: "Run `npm link` in a checkout of Skein, with the npm that agents use.",
        }),
      ];
}

async function isFound(env: Patient["env"]): Promise<boolean> {
  try {
    await promisify(execFile)("npx", ["--no", "--", "skein", "explain", "SKN-0001"], {
      cwd: tmpdir(),
      env: { ...env, npm_config_fetch_retries: "0" },
      timeout: patienceMs,
    });
    return true;
  } catch {
    return false;
  }
}
