import { resolve } from "node:path";
import type { ChangeRequest, Repository } from "../../adapters/git/index.ts";
import { serverErrors } from "../../adapters/server/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { gitErrors } from "../../adapters/git/index.ts";
import type { GatheredWork } from "../../gather-work.ts";
import type { Call, CommandSpec } from "../command.ts";

export interface WorkFrom {
  readonly spec: CommandSpec;
  readonly call: Call;
  readonly repository: Repository | null;
}

/**
 * What a server has to be sent of the clone for a command; null: nothing.
 *
 * @throws {SkeinError} SKN-1922 for what cannot be sent, SKN-1923 when it is too much, SKN-5951 outside of a repository.
 */
export async function workFor({ spec, call, repository }: WorkFrom): Promise<GatheredWork | null> {
  const gather = gatherers[spec.name];
  if (gather === undefined) {
    return null;
  }
  if (repository === null) {
    throw new SkeinError(gitErrors.noRepository, { facts: { cwd: call.io.cwd } });
  }
  return gather(call, repository);
}

type Gather = (call: Call, repository: Repository) => Promise<GatheredWork>;

const gatherers: Readonly<Record<string, Gather>> = {
  review: async (call, repository) => {
    refuseLocal(call);
    const { changeOf } = await import("../commands/review.ts");
    const { gatherChange } = await import("../../gather-work.ts");
    return gatherChange({ repository, env: call.io.env }, absolute(call, changeOf(call)));
  },
  "plan draft": async (call, repository) => {
    const { gatherTree } = await import("../../gather-work.ts");
    return gatherTree({ repository, env: call.io.env });
  },
  "plan approve": async (call, repository) => {
    const { gatherCommit } = await import("../../gather-work.ts");
    return gatherCommit({ repository, env: call.io.env });
  },
};

/** They need the models and the worktree in one place. @throws {SkeinError} SKN-1922 */
function refuseLocal({ options }: Call): void {
  const option = ["record", "replay", "verify"].find((name) => options.text(name) !== null);
  if (option !== undefined) {
    throw new SkeinError(serverErrors.staysHere, {
      message: `\`skein review --${option}\` cannot run through a server.`,
      facts: { command: "review", option: `--${option}` },
    });
  }
}

function absolute({ io }: Call, change: ChangeRequest | null): ChangeRequest | null {
  return change?.kind === "patch" ? { ...change, file: resolve(io.cwd, change.file) } : change;
}
