import { ownObject, ownValue, parseLooseObject } from "../../base/loose-object.ts";
import type { LooseObject } from "../../base/loose-object.ts";
import { countOf, nameOf, sessionIdOf, timeOf } from "./transcript.ts";
import type { MeasuredUse, Transcript } from "./transcript.ts";

/** What Claude Code writes for what it says itself. */
const noModel = "<synthetic>";

/**
 * Reads a transcript of Claude Code: a JSON object a line. An answer stands on several lines, one for each of its parts, each with the usage
 * so far: the last counts. Lines that are torn or speak of something else are passed over.
 */
export function parseClaudeTranscript(lines: readonly string[]): Transcript {
  const uses = new Map<string, MeasuredUse>();
  let session: string | null = null;
  let cwd: string | null = null;
  let faults = 0;
  for (const line of lines) {
    const isUsage = line.includes('"usage"');
    const object = isUsage || session === null || cwd === null ? parseLooseObject(line) : null;
    if (object === null) {
      continue;
    }
    session ??= sessionIdOf(ownValue(object, "sessionId"));
    cwd ??= nameOfPlace(ownValue(object, "cwd"));
    const message = ownObject(object, "message");
    if (isUsage && isAnswer(object, message)) {
      const use = useOf(object, message);
      faults += use === null ? 1 : 0;
      if (use !== null) {
        uses.set(use.id, use);
      }
    }
  }
  return { host: "claude", session, cwd, uses: [...uses.values()], faults };
}

function nameOfPlace(value: unknown): string | null {
  return typeof value === "string" && value !== "" && !value.includes("\0") ? value : null;
}

function isAnswer(object: LooseObject, message: LooseObject): boolean {
  return (
    ownValue(object, "type") === "assistant" &&
    ownValue(message, "usage") !== undefined &&
    ownValue(message, "model") !== noModel
  );
}

function useOf(object: LooseObject, message: LooseObject): MeasuredUse | null {
  const usage = ownObject(message, "usage");
  const id = nameOf(ownValue(message, "id"));
  const inputTokens = countOf(usage, "input_tokens");
  const outputTokens = countOf(usage, "output_tokens");
  const cacheReadTokens = countOf(usage, "cache_read_input_tokens");
  const cacheWriteTokens = countOf(usage, "cache_creation_input_tokens");
  if (
    id === null ||
    inputTokens === null ||
    outputTokens === null ||
    cacheReadTokens === null ||
    cacheWriteTokens === null
  ) {
    return null;
  }
  return {
    id: `claude:${id}`,
    model: nameOf(ownValue(message, "model")),
    atMs: timeOf(object),
    inputTokens,
    outputTokens,
    cacheReadTokens,
    cacheWriteTokens,
  };
}
