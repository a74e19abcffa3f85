import { headCommitOf } from "../../adapters/git/index.ts";
import type { McpContext, OpenProject } from "../context.ts";
import { identify, placeOf } from "../perform-call.ts";
import type { PlainCall } from "../perform-call.ts";
import { fieldAt } from "../record.ts";
import type { UnknownRecord } from "../record.ts";
import type { CommonInput } from "../tool.ts";
import { argumentsFor, handsInHead } from "./arguments.ts";
import type { LeaderCall } from "./way.ts";

/** A call of this process's agent. */
export interface OwnCall extends Pick<PlainCall, "tool" | "meta" | "client" | "signal"> {
  readonly input: UnknownRecord;
  readonly project: OpenProject;
}

/** The same call as whoever leads takes it. @throws {SkeinError} SKN-8951 when a path leads out of the repository. */
export function leaderCallOf(context: McpContext, call: OwnCall): LeaderCall {
  const { tool, input, project, signal } = call;
  const { repository } = project;
  const body = argumentsFor({ tool, input, place: placeOf(context, repository) });
  return {
    tool: tool.name,
    body,
    caller: {
      ...identify(context, call, { project, input: commonIn(input) }),
      root: repository?.root ?? null,
      head: repository !== null && handsInHead(tool, input) ? headCommitOf(repository) : null,
    },
    isWaiting: Number(fieldAt(body, "wait_seconds") ?? 0) > 0,
    signal,
  };
}

/** What the arguments say of the caller, as far as they have the right form: whoever does the call reads and judges them. */
function commonIn(input: UnknownRecord): CommonInput {
  const text = (key: string): string | undefined => {
    const value = fieldAt(input, key);
    return typeof value === "string" ? value : undefined;
  };
  return { session: text("session"), name: text("name"), role: text("role") };
}
