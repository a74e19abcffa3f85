import { numberAt } from "./answer-line.ts";

/** A line of an agent on the wire between processes of one user, as it came. */
export interface AgentLine {
  readonly id: number;
  /** The key of the call in it, where it has none of its own: letters, digits, `-` and `_`. */
  readonly key: string;
  readonly line: Uint8Array;
}

const plus = 0x2b;
const space = 0x20;

/** How it is said; the agent's line as a text of bytes (`latin1`). */
export function agentLine(id: number, key: string, line: string): string {
  return `+${String(id)} ${key} ${line}\n`;
}

/** Null for any other line. The agent's has the memory of the one that it is in. */
export function agentLineIn(line: Uint8Array): AgentLine | null {
  const place = line[0] === plus ? numberAt(line, 1) : null;
  const end = place === null ? -1 : line.indexOf(space, place.end);
  if (place === null || end < 0) {
    return null;
  }
  const key = Buffer.from(line.subarray(place.end, end)).toString("latin1");
  return { id: place.number, key, line: line.subarray(end + 1) };
}
