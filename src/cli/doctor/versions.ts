import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { createGit } from "../../adapters/git/index.ts";
import { readPlainFile } from "../../adapters/process/plain-file.ts";
import { ownText, parseLooseObject } from "../../core/base/loose-object.ts";
import { agentFiles } from "../init/plan-changes.ts";
import { readableText } from "../init/agent-file.ts";
import { findHookPlace } from "../init/git-hooks.ts";
import { guardHooks } from "../init/hook-script.ts";
import { readableHook } from "../init/hook-file.ts";
import { readVersion } from "../version.ts";
import { namedPrograms } from "./commands.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";
import { launchesOf } from "./launches.ts";
import { examineNode } from "./machine.ts";

/** Looks at which Nodes and which Skeins the hooks and the agent programs here would start. */
export async function examineVersions(patient: Patient): Promise<readonly Finding[]> {
  const { repository, env } = patient;
  const { root } = repository;
  const git = createGit({ cwd: root, env });
  const place = await findHookPlace(git, repository);
  const hooks = guardHooks.map((hook) => join(place.folder, hook));
  const ofAgents = agentFiles(root, launchesOf(root)[0]).flatMap(
    (path) => readableText(path) ?? [],
  );
  const named = [...new Set([...programsIn(hooks), ...ofAgents.flatMap(namedPrograms)])];
  const bins = [...named, join(root, "node_modules/skein/bin/skein.js")];
  // A program that a file of the repository names is not run; those in git's own folder are this machine's.
  const nodes = place.kind === "wrap" ? programsIn(hooks) : [];
  return [...examineSkeins(bins), ...(await examineNodes(nodes))];
}

function programsIn(paths: readonly string[]): readonly string[] {
  const texts = paths.flatMap((path) => readableHook(path)?.text ?? []);
  return [...new Set(texts.flatMap((text) => namedPrograms(text)))];
}

function examineSkeins(programs: readonly string[]): readonly Finding[] {
  const own = readVersion();
  const others = [...new Set(programs)].flatMap((path) => {
    const version = path.endsWith("skein.js") ? versionAt(path) : null;
    return version === null || version === own ? [] : [{ path, version }];
  });
  return others.length === 0
    ? [fine("version", `Skein ${own}`)]
    : others.map(({ path, version }) =>
        trouble("warn", "two-versions", {
          what: `This is Skein ${own}, and ${path} is Skein ${version}.`,
          why: "They share one ledger; when the newer one changes its tables, the older one refuses to work.",
          fix: "Install one version everywhere, then `skein init --yes` in each worktree.",
        }),
      );
}

/** The version of the package around a program; null when there is none. */
function versionAt(bin: string): string | null {
  const found = readPlainFile(join(dirname(bin), "..", "package.json"), 1_048_576);
  const parsed = found.kind === "bytes" ? parseLooseObject(found.bytes.toString()) : null;
  return parsed === null ? null : ownText(parsed, "version");
}

async function examineNodes(programs: readonly string[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const path of programs) {
    const isOther = /node(?:\.exe)?$/u.test(path) && path !== process.execPath && existsSync(path);
    const version = isOther ? await nodeVersion(path) : null;
    const finding = version === null ? null : examineNode(version);
    if (finding !== null && finding.level !== "ok") {
      findings.push({
        ...finding,
        id: "hook-node",
        what: `The git hooks run ${path}: ${finding.what}`,
      });
    }
  }
  return findings;
}

async function nodeVersion(path: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(path, ["--version"], { timeout: 5_000 });
    return /^v(\d+\.\d+\.\d+)/u.exec(stdout)?.[1] ?? null;
  } catch {
    return null;
  }
}
