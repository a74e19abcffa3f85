import { SkeinError } from "../core/base/errors.ts";
import { isLooseObject, ownValue } from "../core/base/loose-object.ts";
import type { LooseObject } from "../core/base/loose-object.ts";
import { catalog, ensureWanted, performCall } from "../mcp/index.ts";
import { parseSentWork } from "../sent-work.ts";
import { readObject } from "./body.ts";
import { clientOf } from "./caller.ts";
import { contextOf } from "./context.ts";
import { httpErrors } from "./errors.ts";
import { inLane } from "./in-lane.ts";
import type { Lane } from "./lanes.ts";
import { createLiveAnswer } from "./live-answer.ts";
import type { Visit } from "./visit.ts";

/** Which line a call of a tool stands in. */
export function laneOfTool(name: string, input: unknown): Lane {
  const isWaiting =
    typeof input === "object" &&
    input !== null &&
    Number(ownValue({ ...input }, "wait_seconds") ?? 0) > 0;
  return isWaiting || asksModels(name, input) ? "wait" : (lanes.get(name) ?? "take");
}

/** Models take their time, and nobody's place meanwhile. */
function asksModels(name: string, input: unknown): boolean {
  return name === "review_changes" || (name === "propose_plan" && isGoal(input));
}

function isGoal(input: unknown): boolean {
  return isLooseObject(input) && ownValue(input, "goal") !== undefined;
}

/** By name of the tool, which may be any word. */
const lanes: ReadonlyMap<string, Lane> = new Map([
  ["update_task", "keep"],
  ["finish_task", "keep"],
  ["release_files", "keep"],
  ["look", "read"],
]);

/** `POST api/v1/tools/{tool}`: the tool's arguments in, and what is sent of the caller's repository as `work`; its structured answer out. */
export async function callToolOver(visit: Visit): Promise<void> {
  const { request, name, signal, principal } = visit;
  const tool = catalog.get(name);
  if (tool === undefined) {
    throw new SkeinError(httpErrors.noTool, { facts: { known: [...catalog.keys()] } });
  }
  const { work, ...input }: LooseObject = await readObject(visit);
  const live = createLiveAnswer(visit);
  try {
    const lane = laneOfTool(name, input);
    const answer = await inLane(visit, lane, async () =>
      performCall(contextOf(visit, lane), {
        tool,
        input,
        meta: undefined,
        client: clientOf(request),
        signal,
        // A process of this machine that gives the server up does the call itself.
        ...(principal.kind === "loopback"
          ? { ensureWanted: async (lockedAtMs: number) => ensureWanted(signal, lockedAtMs) }
          : {}),
        askPerson: null,
        tellProgress: live.progress,
        sent: parseSentWork(work),
      }),
    );
    live.done(answer);
  } catch (error) {
    live.failed(error);
  } finally {
    live.close();
  }
}
