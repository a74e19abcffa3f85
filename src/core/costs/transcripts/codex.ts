import { isLooseObject, ownObject, ownValue, parseLooseObject } from "../../base/loose-object.ts";
import type { LooseObject } from "../../base/loose-object.ts";
import { countOf, mostOfAnswer, nameOf, placeOf, sessionIdOf, timeOf } from "./transcript.ts";
import type { MeasuredUse, Transcript } from "./transcript.ts";

/** The most that a session's sums are believed to be. */
const mostOfSession = 1_000_000_000_000;

/** What of a rollout's lines is read. */
const spoken = /"(?:session_meta|turn_context|token_count)"/u;

/** Counts as Codex writes them: those of the input hold the cached ones. */
interface Counts {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

/** What is known so far of the session. */
interface Reading {
  session: string | null;
  cwd: string | null;
  model: string | null;
  /** The sums of the last count; null before the first. */
  sums: Counts | null;
  faults: number;
  readonly uses: MeasuredUse[];
}

/**
 * Reads a rollout of Codex: a JSON object a line. After each answer it writes the sums of the session so far, often more than once; what
 * they grew by is the answer's. Lines that are torn or speak of something else are passed over.
 */
export function parseCodexRollout(lines: readonly string[]): Transcript {
  const reading: Reading = {
    session: null,
    cwd: null,
    model: null,
    sums: null,
    faults: 0,
    uses: [],
  };
  for (const line of lines) {
    const object = spoken.test(line) ? parseLooseObject(line) : null;
    if (object !== null) {
      hear(reading, object);
    }
  }
  const { session, cwd, uses, faults } = reading;
  return { host: "codex", session, cwd, uses, faults };
}

function hear(reading: Reading, object: LooseObject): void {
  const payload = ownObject(object, "payload");
  switch (ownValue(object, "type")) {
    case "session_meta":
      // A session that continues another one repeats the other's first line behind its own.
      reading.session ??= sessionIdOf(ownValue(payload, "id"));
      hearTurn(reading, payload);
      return;
    case "turn_context":
      hearTurn(reading, payload);
      return;
    case "event_msg":
      hearEvent(reading, object, payload);
      return;
    default:
  }
}

function hearTurn(reading: Reading, payload: LooseObject): void {
  reading.cwd ??= placeOf(ownValue(payload, "cwd"));
  reading.model = nameOf(ownValue(payload, "model")) ?? reading.model;
}

function hearEvent(reading: Reading, object: LooseObject, payload: LooseObject): void {
  const info = ownValue(payload, "info");
  // Without counts it tells of rate limits only.
  if (ownValue(payload, "type") === "token_count" && isLooseObject(info)) {
    count(reading, object, info);
  }
}

function count(reading: Reading, object: LooseObject, info: LooseObject): void {
  const sums = countsOf(ownObject(info, "total_token_usage"));
  const last = countsOf(ownObject(info, "last_token_usage"));
  if (sums === null || last === null) {
    reading.faults += 1;
    return;
  }
  const before = reading.sums;
  reading.sums = sums;
  const used = before === null || hasFallen(before, sums) ? last : difference(sums, before);
  if (Math.max(used.input, used.output) > mostOfAnswer) {
    reading.faults += 1;
    return;
  }
  if (used.input + used.output === 0) {
    return;
  }
  reading.uses.push({
    id: `codex:${reading.session ?? ""}:${String(sums.input)}-${String(sums.output)}`,
    model: reading.model,
    atMs: timeOf(object),
    inputTokens: used.input - used.cached,
    outputTokens: used.output,
    cacheReadTokens: used.cached,
    cacheWriteTokens: 0,
  });
}

function countsOf(usage: LooseObject): Counts | null {
  const input = countOf(usage, "input_tokens", mostOfSession);
  const cached = countOf(usage, "cached_input_tokens", mostOfSession);
  const output = countOf(usage, "output_tokens", mostOfSession);
  return input === null || cached === null || output === null || cached > input
    ? null
    : { input, cached, output };
}

function hasFallen(before: Counts, { input, cached, output }: Counts): boolean {
  return input < before.input || cached < before.cached || output < before.output;
}

function difference(sums: Counts, before: Counts): Counts {
  const input = sums.input - before.input;
  return {
    input,
    cached: Math.min(input, sums.cached - before.cached),
    output: sums.output - before.output,
  };
}
