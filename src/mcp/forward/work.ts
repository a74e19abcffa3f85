import type { Repository } from "../../adapters/git/index.ts";
import { cleanLine } from "../../core/base/text.ts";
import { ownText, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { GatheredWork } from "../../gather-work.ts";
import { fieldAt } from "../record.ts";
import type { AnyTool, Progress } from "../tool.ts";

export interface WorkOf {
  readonly tool: AnyTool;
  readonly input: unknown;
  /** Null where this machine has no worktree of the project. */
  readonly repository: Repository | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * What a server has to be sent of the worktree for a call, as fields of its body: the change that is to be reviewed, the tree that plans are checked
 * against; for most calls nothing. @throws {SkeinError} SKN-1923, SKN-595x, SKN-186x.
 */
export async function workFor({
  tool,
  input,
  repository,
  env,
}: WorkOf): Promise<{ readonly work?: GatheredWork }> {
  if (repository === null) {
    return {};
  }
  const place = { repository, env };
  if (tool.name === "review_changes" && fieldAt(input, "id") === undefined) {
    const base = fieldAt(input, "base");
    const { gatherChange } = await import("../../gather-work.ts");
    const request = typeof base === "string" ? ({ kind: "branch", base } as const) : null;
    return { work: await gatherChange(place, request) };
  }
  if (tool.name === "propose_plan" && fieldAt(input, "goal") !== undefined) {
    const { gatherTree } = await import("../../gather-work.ts");
    return { work: await gatherTree(place) };
  }
  if (tool.name === "propose_plan" && fieldAt(input, "draft") !== undefined) {
    const { gatherCommit } = await import("../../gather-work.ts");
    return { work: await gatherCommit(place) };
  }
  return {};
}

/** What a server told of how far a call is. */
export function progressIn(told: LooseObject): Progress {
  const numberAt = (key: string): number => {
    const value = ownValue(told, key);
    return typeof value === "number" && Number.isFinite(value) ? value : 0;
  };
  return {
    done: numberAt("done"),
    total: numberAt("total"),
    message: cleanLine(ownText(told, "message") ?? "", 200),
  };
}
