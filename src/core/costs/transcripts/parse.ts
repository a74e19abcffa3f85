import { parseClaudeTranscript } from "./claude.ts";
import { parseCodexRollout } from "./codex.ts";
import type { Transcript } from "./transcript.ts";

/** Every line of a rollout has a payload; a line of a transcript has none. */
const rolloutLine =
  /"type":\s*"(?:session_meta|turn_context|event_msg|response_item)".*"payload"|"payload".*"type":\s*"(?:session_meta|turn_context|event_msg|response_item)"/u;

/** How many lines tell whose record it is. */
const telling = 50;

/**
 * Reads a host's record of a session, whichever host wrote it. Never fails: what is no record has no uses.
 *
 * The texts come from outside and prove nothing but what a host wrote down; only names, times and counts are taken from them.
 */
export function parseTranscript(text: string): Transcript {
  const lines = text.split("\n");
  const isRollout = lines.slice(0, telling).some((line) => rolloutLine.test(line));
  return isRollout ? parseCodexRollout(lines) : parseClaudeTranscript(lines);
}
