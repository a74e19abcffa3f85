import { callerText } from "../../adapters/server/caller-text.ts";
import { stampIn } from "../../adapters/server/process-stamp.ts";
import { ownObject, ownText } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { identityOfEnvironment } from "../caller.ts";
import { folderIn } from "./handed-calls.ts";
import type { McpContext, OpenProject, Processes } from "../context.ts";

/** Who speaks in the lines that a process hands on, apart from what each line says itself. */
export interface Speaker {
  readonly handle: string | null;
  readonly externalId: string | null;
  readonly parentExternalId: string | null;
  /** As its client introduced itself. */
  readonly client: string | null;
  /** Names its process, where nobody says who calls. */
  readonly connection: string | null;
  readonly processes: Processes;
  /** The full paths of its worktree, and of that one's git directory and the one it shares; null where it has none. */
  readonly root: string | null;
  readonly gitDir: string | null;
  readonly commonDir: string | null;
}

/** Who speaks in this process's lines. */
export function speakerOf(
  context: McpContext,
  { repository }: Pick<OpenProject, "repository">,
  client: string | null,
): LooseObject {
  const place =
    repository === null
      ? {}
      : { root: repository.root, gitDir: repository.gitDir, commonDir: repository.commonDir };
  return {
    ...identityOfEnvironment(context.env),
    ...context.processes(),
    ...place,
    client,
    connection: context.connection,
  };
}

/** Who another process says that it is. What is believed is the same as of its own calls: it is of the same user. */
export function speakerIn(said: LooseObject): Speaker {
  const text = (name: string): string | null => callerText(ownText(said, name));
  return {
    handle: text("handle"),
    externalId: text("externalId"),
    parentExternalId: text("parentExternalId"),
    client: text("client"),
    connection: text("connection"),
    processes: { self: stampIn(ownObject(said, "self")), host: stampIn(ownObject(said, "host")) },
    root: folderIn(said, "root"),
    gitDir: folderIn(said, "gitDir"),
    commonDir: folderIn(said, "commonDir"),
  };
}
