import { hostId } from "../../adapters/process/probe.ts";
import type { Repository } from "../../adapters/git/index.ts";
import type { ServerPlace } from "../../compose-server.ts";
import { createGuarding } from "../../core/guarding/index.ts";
import type { Guarding } from "../../core/guarding/index.ts";
import type { Settings } from "../../settings.ts";
import { storeDirOf } from "../../store-place.ts";
import { loadWorktreeSettings } from "../../worktree-settings.ts";
import type { OpenedProject } from "./guard.ts";
import { subjectOf } from "./identity.ts";

/** The ledger that the guard asks, and what goes with it. */
export interface LedgerPlace {
  readonly ledger: Guarding;
  readonly settings: Settings;
  readonly storeDir: string;
  /** Null where a server has the ledger: whoever runs that publishes it. */
  readonly project: OpenedProject | null;
  close(): Promise<void>;
}

export interface LedgerSearch {
  readonly repository: Repository;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
  readonly server: ServerPlace | null;
  open(): Promise<OpenedProject>;
}

/** Opens the ledger of a repository, here or at its server. */
export async function openLedgerPlace(search: LedgerSearch): Promise<LedgerPlace> {
  const subject = subjectOf({ ...search, host: hostId() });
  const { server, repository, env } = search;
  if (server === null) {
    const project = await search.open();
    const { skein, settings, storeDir } = project;
    const ledger = createGuarding(skein, subject);
    return { ledger, settings, storeDir, project, close: () => skein.close() };
  }
  const { createRemoteGuarding } = await import("./remote-guarding.ts");
  const { connectServer } = await import("../../compose-server.ts");
  const client = connectServer(server, env);
  const { settings } = await loadWorktreeSettings({ root: repository.root, env });
  return {
    ledger: createRemoteGuarding(client, subject),
    settings,
    storeDir: storeDirOf(repository),
    project: null,
    close: async () => {
      client.close();
      await Promise.resolve();
    },
  };
}
