import { createGit } from "../adapters/git/index.ts";
import { isAnchoring, openAudit } from "../compose-audit.ts";
import type { ServedProject } from "../compose-projects.ts";

export interface DailyAnchorDeps {
  /** The projects that are open now; one that nobody opens does not change. */
  readonly projects: () => readonly ServedProject[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: (line: string) => void;
  /** How often to look whether an anchor is due, in milliseconds. Default an hour. */
  readonly everyMs?: number | undefined;
}

const hourMs = 3_600_000;

/** Anchors the logs of a server's projects once a day, whichever of its nodes comes first. The answer ends it. */
export function startDailyAnchors({
  projects,
  env,
  log,
  everyMs = hourMs,
}: DailyAnchorDeps): () => void {
  const anchorAll = async (): Promise<void> => {
    for (const project of projects()) {
      try {
        await anchorOne(project, env);
      } catch (error) {
        log(`audit: ${project.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  const timer = setInterval(() => void anchorAll(), everyMs);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

async function anchorOne(
  { skein, settings, repository }: ServedProject,
  env: DailyAnchorDeps["env"],
): Promise<void> {
  const git = repository === null ? null : createGit({ cwd: repository.root, env });
  const request = { skein, settings: settings.audit, env, git };
  if (isAnchoring(request)) {
    const audit = await openAudit(request);
    await audit.anchor();
  }
}
