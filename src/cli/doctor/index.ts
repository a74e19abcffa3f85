import { hasStore, openProject, storeDirOf } from "../../compose.ts";
import type { OpenProject } from "../../compose.ts";
import type { Repository } from "../../adapters/git/index.ts";
import { locateRepository } from "../../adapters/git/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { loadSettings } from "../../settings.ts";
import { examineAgents } from "./agents.ts";
import { fine, trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";
import { examineRepository } from "./git.ts";
import { examineHabits } from "./habits.ts";
import { examineMachine } from "./machine.ts";
import { examineServer } from "./server.ts";
import { examinePlace, examineStore } from "./store.ts";

export type { Finding, Level } from "./finding.ts";

export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Looks at everything that Skein needs here and tells what it found; mends what can be mended when `mends` is true. */
export async function examine(
  { cwd, env }: Surroundings,
  { mends }: { readonly mends: boolean },
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
  const place = examinePlace(storeDirOf(repository));
  const opened = await open(repository, { cwd, env });
  const patient: Patient = {
    cwd,
    env,
    repository,
    storeDir: storeDirOf(repository),
    project: opened.project,
  };
  try {
    const known = [...machine, settings, ...place, ...opened.findings];
    const found = [...known, ...(await examineAll(patient))];
    return mends ? await mendAll(found) : found;
  } finally {
    await opened.project?.skein.close();
  }
}

async function examineAll(patient: Patient): Promise<readonly Finding[]> {
  return [
    ...(await examineStore(patient)),
    ...(await examineRepository(patient)),
    ...examineAgents(patient),
    ...(await examineServer(patient)),
    ...(patient.project === null ? [] : await examineHabits(patient.project)),
  ];
}

async function examineSettings({ root }: Repository, env: Surroundings["env"]): Promise<Finding> {
  try {
    const { file } = await loadSettings({ root, env });
    return fine(
      "settings",
      file === null ? "No skein.yml: the defaults hold." : `${file} is valid.`,
    );
  } catch (error) {
    return fromError("settings", error);
  }
}

interface Opened {
  readonly project: OpenProject | null;
  readonly findings: readonly Finding[];
}

/** The doctor makes no store; one that does not open is a finding. */
async function open(repository: Repository, around: Surroundings): Promise<Opened> {
  if (!hasStore(repository)) {
    return {
      project: null,
      findings: [
        trouble("fail", "store-missing", {
          what: "This repository is not coordinated by Skein yet.",
          why: "There is no ledger in its git directory.",
          fix: "skein init --yes",
        }),
      ],
    };
  }
  try {
    return { project: await openProject(around), findings: [] };
  } catch (error) {
    const isSettings = error instanceof SkeinError && error.kind === "config";
    return { project: null, findings: isSettings ? [] : [fromError("store", error)] };
  }
}

function fromError(id: string, error: unknown): Finding {
  if (error instanceof SkeinError) {
    const { code, message, why, fix } = error;
    return trouble("fail", id, { what: `${code} ${message}`, why, fix });
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
