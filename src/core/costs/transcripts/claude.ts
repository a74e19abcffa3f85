import { ownObject, ownValue, parseLooseObject } from "../../base/loose-object.ts";
import type { LooseObject } from "../../base/loose-object.ts";
import { countOf, mostOfAnswer, nameOf, placeOf, sessionIdOf, timeOf } from "./transcript.ts";
import type { MeasuredUse, Transcript } from "./transcript.ts";

/** What Claude Code writes for what it says itself. */
const noModel = "<synthetic>";

/**
 * Reads a transcript of Claude Code: a JSON object a line. An answer stands on several lines, one for each of its parts, each with the usage
 * so far: the last counts. Lines that are torn or speak of something else are passed over.
 */
export function parseClaudeTranscript(lines: readonly string[]): Transcript {
  const reading: Reading = { session: null, cwd: null, uses: new Map(), faults: 0 };
  for (const line of lines) {
    const isKnown = reading.session !== null && reading.cwd !== null;
    const object = isKnown && !line.includes('"usage"') ? null : parseLooseObject(line);
    if (object !== null) {
      hear(reading, object);
    }
  }
  const { session, cwd, uses, faults } = reading;
  return { host: "claude", session, cwd, uses: [...uses.values()], faults };
}

/** What is known so far of the session. */
interface Reading {
  session: string | null;
  cwd: string | null;
  readonly uses: Map<string, MeasuredUse>;
  faults: number;
}

function hear(reading: Reading, object: LooseObject): void {
  reading.session ??= sessionIdOf(ownValue(object, "sessionId"));
  reading.cwd ??= placeOf(ownValue(object, "cwd"));
  const message = ownObject(object, "message");
  if (!isAnswer(object, message)) {
    return;
  }
  const use = useOf(object, message);
  if (use === null) {
    reading.faults += 1;
  } else {
    reading.uses.set(use.id, use);
  }
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
  const inputTokens = countOf(usage, "input_tokens", mostOfAnswer);
  const outputTokens = countOf(usage, "output_tokens", mostOfAnswer);
  const cacheReadTokens = countOf(usage, "cache_read_input_tokens", mostOfAnswer);
  const cacheWriteTokens = countOf(usage, "cache_creation_input_tokens", mostOfAnswer);
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
