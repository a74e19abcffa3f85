import { SkeinError } from "../core/base/errors.ts";
import { ownValue } from "../core/base/loose-object.ts";
import type { LooseObject } from "../core/base/loose-object.ts";
import { catalog, performCall } from "../mcp/index.ts";
import { sendJson } from "./answers.ts";
import { readObject } from "./body.ts";
import { clientOf } from "./caller.ts";
import { contextOf } from "./context.ts";
import { httpErrors } from "./errors.ts";
import type { Lane } from "./lanes.ts";
import type { Visit } from "./visit.ts";

/** Which line a call of a tool stands in. */
export function laneOfTool(name: string, input: unknown): Lane {
  const isWaiting =
    typeof input === "object" &&
    input !== null &&
    Number(ownValue({ ...input }, "wait_seconds") ?? 0) > 0;
  if (isWaiting) {
    return "wait";
  }
  return lanes[name] ?? "take";
}

const lanes: Readonly<Record<string, Lane>> = {
  update_task: "keep",
  finish_task: "keep",
  release_files: "keep",
  look: "read",
};

/** `POST api/v1/tools/{tool}`: the tool's arguments in, its structured answer out. */
export async function callToolOver(visit: Visit): Promise<void> {
  const { request, response, parts, name, signal } = visit;
  const tool = catalog.get(name);
  if (tool === undefined) {
    throw new SkeinError(httpErrors.noTool, { facts: { known: [...catalog.keys()] } });
  }
  const input: LooseObject = await readObject(visit);
  const answer = await parts.lanes.run(laneOfTool(name, input), visit.principal, async () =>
    performCall(contextOf(visit), {
      tool,
      input,
      meta: undefined,
      client: clientOf(request),
      signal,
      askPerson: null,
      tellProgress: () => undefined,
    }),
  );
  sendJson(response, 200, { value: answer });
}
