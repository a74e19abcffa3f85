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

export interface DailyAnchors {
  /** Looks at a project that was opened: a server that never runs for long would not come to it otherwise. */
  look(project: ServedProject): void;
  /** Ends it, after what has begun. */
  stop(): Promise<void>;
}

const hourMs = 3_600_000;

/** Anchors the logs of a server's projects once a day, whichever of its nodes comes first. */
export function startDailyAnchors(deps: DailyAnchorDeps): DailyAnchors {
  const { projects, everyMs = hourMs } = deps;
  // One after the other: an anchor is small, and nobody waits for it.
  let running = Promise.resolve();
  const look = (project: ServedProject): void => {
    running = running.then(async () => anchorOne(project, deps));
  };
  const timer = setInterval(() => {
    for (const project of projects()) {
      look(project);
    }
  }, everyMs);
  timer.unref();
  return {
    look,
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

/** Never rejects. */
async function anchorOne(
  { name, skein, settings, repository }: ServedProject,
  { env, log }: DailyAnchorDeps,
): Promise<void> {
  const git = repository === null ? null : createGit({ cwd: repository.root, env });
  const request = { skein, settings: settings.audit, env, git };
  try {
    if (isAnchoring(request)) {
      const audit = await openAudit(request);
      await audit.anchor();
    }
  } catch (error) {
    log(`audit: ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
