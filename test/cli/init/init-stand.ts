import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { locateRepository } from "../../../src/adapters/git/index.ts";
import { examineAgents } from "../../../src/cli/doctor/agents.ts";
import type { Finding } from "../../../src/cli/doctor/index.ts";
import { runInit } from "../../../src/cli/init/init.ts";
import { storeDirOf } from "../../../src/compose.ts";
import { SkeinError } from "../../../src/core/base/errors.ts";
import type { TestRepository } from "./repository.ts";

/** How a run of `init` ended: its exit code, or the error as it is printed. */
export interface InitEnd {
  readonly code: number | null;
  readonly error: string;
}

/** Runs `init` without a store and without starting the server: what it writes to files is all that counts. */
export async function initIn(
  { root }: TestRepository,
  {
    agents,
    remove = false,
    isPortable = false,
  }: {
    readonly agents: readonly string[];
    readonly remove?: boolean | undefined;
    readonly isPortable?: boolean | undefined;
  },
): Promise<InitEnd> {
  try {
    const code = await runInit(
      { yes: true, dryRun: false, remove, json: true, portable: isPortable, agents },
      {
        cwd: root,
        env: { PATH: process.env["PATH"], HOME: root, GIT_CONFIG_GLOBAL: "/dev/null" },
        out: () => undefined,
        warn: () => undefined,
        confirm: null,
        openStore: async () => Promise.resolve(),
        describeStore: async () =>
          Promise.resolve({ shown: "skein.db", project: null, needsAgreement: false }),
        check: async () => Promise.resolve({ ok: true, tools: [], ms: 1 }),
      },
    );
    return { code, error: "" };
  } catch (error) {
    if (error instanceof SkeinError) {
      return { code: null, error: `${error.code} ${error.message}` };
    }
    throw error;
  }
}

/** What `doctor` finds of the files of agent programs, but for what is well. */
export function agentTroubles(
  { root }: TestRepository,
  home: Readonly<Record<string, string>> = {},
): readonly Finding[] {
  const repository = locateRepository(root);
  if (repository === null) {
    return [];
  }
  const storeDir = storeDirOf(repository);
  // No agent program is installed on this machine: those count that have files here.
  const env = { PATH: "", HOME: root, ...home };
  const patient = { cwd: root, env, repository, storeDir, project: null };
  return examineAgents({ ...patient, app: null }).filter(({ level }) => level !== "ok");
}

/** As `fail agent-file: what`. */
export function told(repository: TestRepository): readonly string[] {
  return agentTroubles(repository).map(({ id, level, what }) => `${level} ${id}: ${what}`);
}

/** Writes bytes as they are. */
export function put({ root }: TestRepository, path: string, content: string | Buffer): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
