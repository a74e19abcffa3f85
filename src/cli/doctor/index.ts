import { hasStore, openProject, storeDirOf } from "../../compose.ts";
import type { OpenProject } from "../../compose.ts";
import type { AppCredentials } from "../../compose-github.ts";
import type { Repository } from "../../adapters/git/index.ts";
import { locateRepository } from "../../adapters/git/index.ts";
import { findServer } from "../../compose-server.ts";
import type { ServerPlace } from "../../compose-server.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { furtherFaults } from "../../core/base/further-faults.ts";
import { cleanLine } from "../../core/base/text.ts";
import { loadSettings } from "../../settings.ts";
import type { Settings } from "../../settings.ts";
import { usesDatabase } from "../../store-place.ts";
import { loadWorktreeSettings } from "../../worktree-settings.ts";
import { examineAccess } from "./access.ts";
import { tryAgentHooks } from "./agent-hooks.ts";
import { examineAgents } from "./agents.ts";
import { examineDotEnv } from "./dotenv.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";
import { examineRepository } from "./git.ts";
import { examineGithub } from "./github.ts";
import { examineHabits } from "./habits.ts";
import { examineMachine } from "./machine.ts";
import { examineNpx } from "./npx.ts";
import { examineRecord, keepingChoice, withRemoval } from "./record.ts";
import { examineRemote } from "./remote.ts";
import { examineServer } from "./server.ts";
import { examineSettingsFiles } from "./settings-files.ts";
import { examineSockets } from "./sockets.ts";
import { examinePlace, examineStore } from "./store.ts";
import { examineVersions } from "./versions.ts";

export type { Finding, Level } from "./finding.ts";

export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface ExamineOptions {
  readonly mends: boolean;
  /** The App whose webhook is to be looked at as well. Default: none. */
  readonly app?: AppCredentials | null | undefined;
}

/** Looks at everything that Skein needs here and tells what it found; mends what can be mended when `mends` is true. */
export async function examine(
  { cwd, env }: Surroundings,
  { mends, app = null }: ExamineOptions,
): Promise<readonly Finding[]> {
  const machine = await examineMachine(env);
  const repository = locateRepository(cwd);
  if (repository === null) {
    return [
      ...machine,
      trouble("fail", "repository", {
        what: `${cwd} is in no git repository.`,
        why: "Skein keeps its ledger in the git directory.",
        fix: "Go into a repository, or make one with `git init`.",
      }),
    ];
  }
  const settings = await examineSettings(repository, env);
  const storeDir = storeDirOf(repository);
  const server = serverOf(storeDir, env);
  const place = examinePlace(storeDir, {
    isServer: server.place !== null || isElsewhere(repository, env),
  });
  const isClosed = place.some(({ id }) => id === "store-unreadable");
  const opened =
    isClosed || server.place !== null || server.findings.length > 0
      ? { project: null, findings: server.findings }
      : await open(repository, { cwd, env, settings: settings.values });
  const patient: Patient = {
    cwd,
    env,
    repository,
    storeDir,
    project: opened.project,
    app,
  };
  try {
    const remote = server.place === null ? [] : await examineRemote(server.place, env);
    const known = [...machine, settings.finding, ...place, ...opened.findings, ...remote];
    const found = onceTold([...known, ...(await examineAll(patient))], settings.place)
      .map(withRemoval(patient))
      .map(keepingChoice(patient))
      .map(keepingServer(server.place));
    return mends ? await mendAll(found) : found;
  } finally {
    await opened.project?.skein.close();
  }
}

/** A clone whose server is told by a flag or variable alone would get a ledger of its own from a plain `skein init`. */
function keepingServer(place: ServerPlace | null): (finding: Finding) => Finding {
  if (place === null || place.source === "clone") {
    return (finding) => finding;
  }
  const init = `skein init --url ${place.address.base}`;
  return (finding) => ({
    ...finding,
    fix: finding.fix.replaceAll(/skein init(?! --(?:url|remove))/gu, init),
  });
}

/**
 * Hooks that are tried fail by the very fault of the settings that is told already, and `skein init` would not mend them: of those only the
 * one of the settings is left, which says what it stops.
 *
 * @param place how the settings' error names its place, as `SKN-2003 skein.yml, line 3, column 5`; null: they are well.
 */
function onceTold(findings: readonly Finding[], place: string | null): readonly Finding[] {
  const isRepeated = ({ id, what }: Finding): boolean =>
    place !== null && id.endsWith("hook-run") && what.includes(place);
  if (!findings.some(isRepeated)) {
    return findings;
  }
  return findings
    .filter((finding) => !isRepeated(finding))
    .map((finding) =>
      finding.id === "settings"
        ? { ...finding, why: `${finding.why} Until then hooks fail, which stops agents' commits.` }
        : finding,
    );
}

interface ServerLook {
  readonly place: ServerPlace | null;
  readonly findings: readonly Finding[];
}

function serverOf(storeDir: string, env: Surroundings["env"]): ServerLook {
  try {
    return { place: findServer({ storeDir, env }), findings: [] };
  } catch (error) {
    return { place: null, findings: [fromError("server", error)] };
  }
}

/** True where no file is to be looked for; a note that cannot be used is told when the store is opened. */
function isElsewhere(repository: Repository, env: Surroundings["env"]): boolean {
  try {
    return usesDatabase(repository, env);
  } catch (error) {
    if (error instanceof SkeinError) {
      return true;
    }
    throw error;
  }
}

type Look = (patient: Patient) => Promise<readonly Finding[]>;

const looks: readonly Look[] = [
  examineSettingsFiles,
  examineDotEnv,
  examineStore,
  examineSockets,
  examineVersions,
  examineRepository,
  examineRecord,
  async (patient) => examineAgents(patient),
  tryAgentHooks,
  examineNpx,
  examineServer,
  examineAccess,
  examineGithub,
  async ({ project }) => (project === null ? [] : examineHabits(project)),
];

/** One look that cannot be finished, as at a file that may not be read, hides none of the others. */
async function examineAll(patient: Patient): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const look of looks) {
    try {
      findings.push(...(await look(patient)));
    } catch (error) {
      findings.push(unfinished(error));
    }
  }
  return findings;
}

function unfinished(error: unknown): Finding {
  return error instanceof SkeinError
    ? fromError("unfinished", error)
    : trouble("fail", "unfinished", {
        what: `A look ended early: ${cleanLine(String(error), 200)}`,
        why: "Something that Skein needs here cannot be read.",
        fix: "Mend what the message names, then look again; for a damaged ledger, restore a backup of `skein maintain`.",
      });
}

interface SettingsLook {
  readonly finding: Finding;
  /** What their error begins with, up to its place; null where they are well. */
  readonly place: string | null;
  /** What is written down, or the defaults where that cannot be read: the later looks go on. */
  readonly values: Settings;
}

async function examineSettings(
  { root }: Repository,
  env: Surroundings["env"],
): Promise<SettingsLook> {
  try {
    const { file, settings } = await loadWorktreeSettings({ root, env });
    const what = file === null ? "No skein.yml: the defaults hold." : `${file} is valid.`;
    return { finding: fine("settings", what), place: null, values: settings };
  } catch (error) {
    const { settings } = await loadSettings({ root, env: {}, text: null });
    const finding = fromError("settings", error);
    const place = /^SKN-\d{4} \S+, line \d+, column \d+/u.exec(finding.what)?.[0] ?? finding.what;
    return { finding, place, values: settings };
  }
}

interface Opened {
  readonly project: OpenProject | null;
  readonly findings: readonly Finding[];
}

/** The doctor makes no store; one that does not open is a finding. */
async function open(
  repository: Repository,
  around: Surroundings & { readonly settings: Settings },
): Promise<Opened> {
  try {
    return hasStore(repository, around.env)
      ? { project: await openProject(around), findings: [] }
      : { project: null, findings: [storeMissing] };
  } catch (error) {
    return { project: null, findings: [fromError("store", error)] };
  }
}

const storeMissing = trouble("fail", "store-missing", {
  what: "This repository is not coordinated by Skein yet.",
  why: "There is no ledger in its git directory.",
  fix: "skein init --yes",
});

function fromError(id: string, error: unknown): Finding {
  if (error instanceof SkeinError) {
    const { code, message, why, fix } = error;
    return trouble("fail", id, {
      what: `${code} ${message}`,
      why,
      fix,
      also: furtherFaults(error),
    });
  }
  throw error;
}

async function mendAll(findings: readonly Finding[]): Promise<readonly Finding[]> {
  const after: Finding[] = [];
  for (const finding of findings) {
    if (finding.mend === null) {
      after.push(finding);
    } else {
      await finding.mend();
      after.push(fine(finding.id, `Mended: ${finding.what}`));
    }
  }
  return after;
}
