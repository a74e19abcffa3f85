import { ownText, ownValue, parseLooseObject } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { TaskWork } from "./work.ts";

/** What one agent process is told when it starts: in a file, since both runs give it the same work. */
export interface AgentJob {
  readonly mode: "with" | "without";
  /** As `agent-3`; whoever replaces a killed agent gets its name and its worktree. */
  readonly name: string;
  /** The id of its conversation, as a host would give it. */
  readonly conversation: string;
  readonly worktree: string;
  /** The repository to which checklist agents push. */
  readonly origin: string;
  /** `bin/skein.js`. */
  readonly bin: string;
  readonly seed: number;
  readonly work: readonly TaskWork[];
}

/** What an agent says while it works, one JSON object a line. Times are milliseconds. */
export type Report =
  | { readonly kind: "took"; readonly task: string }
  | { readonly kind: "edited"; readonly task: string; readonly left: number }
  | { readonly kind: "handed-in"; readonly task: string; readonly commit: string }
  | { readonly kind: "gave-up"; readonly task: string; readonly reason: string }
  /** Said by whoever kills it. */
  | { readonly kind: "killed"; readonly task: string }
  /** Time spent on agreeing with the others, and on waiting for work, since the last report of this kind. */
  | { readonly kind: "spent"; readonly coordinationMs: number; readonly waitingMs: number };

/** Reads a line that an agent wrote; null when it is no report. */
export function parseReport(line: string): Report | null {
  const object = parseLooseObject(line);
  const read = object === null ? undefined : readers[ownText(object, "kind") ?? ""];
  return object === null || read === undefined ? null : read(object);
}

const readers: Readonly<Record<string, (object: LooseObject) => Report>> = {
  took: (object) => ({ kind: "took", task: textAt(object, "task") }),
  edited: (object) => ({
    kind: "edited",
    task: textAt(object, "task"),
    left: ownNumber(object, "left"),
  }),
  "handed-in": (object) => ({
    kind: "handed-in",
    task: textAt(object, "task"),
    commit: textAt(object, "commit"),
  }),
  "gave-up": (object) => ({
    kind: "gave-up",
    task: textAt(object, "task"),
    reason: textAt(object, "reason"),
  }),
  spent: (object) => ({
    kind: "spent",
    coordinationMs: ownNumber(object, "coordinationMs"),
    waitingMs: ownNumber(object, "waitingMs"),
  }),
};

function textAt(object: LooseObject, key: string): string {
  return ownText(object, key) ?? "";
}

function ownNumber(object: LooseObject, key: string): number {
  const value = ownValue(object, key);
  return typeof value === "number" ? value : 0;
}
