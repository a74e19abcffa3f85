import { endless, largestAnswer } from "./bounds.ts";

/** One message of a stream of events. */
export interface StreamMessage {
  /** Its number in the project's log; null for a message that is no event. */
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
}

/**
 * Splits a stream of server-sent events into messages; pieces may end anywhere.
 *
 * @throws {SkeinError} SKN-2922 for a message that does not end.
 */
export function createStreamReader(): (piece: string) => readonly StreamMessage[] {
  let held = "";
  return (piece) => {
    held += piece.replaceAll("\r", "");
    const blocks = held.split("\n\n");
    held = blocks.pop() ?? "";
    if (held.length > largestAnswer) {
      held = "";
      throw endless();
    }
    return blocks.flatMap((block) => messageOf(block) ?? []);
  };
}

function messageOf(block: string): StreamMessage | null {
  const data: string[] = [];
  let [id, event]: [string | null, string] = [null, "message"];
  for (const line of block.split("\n")) {
    const [, field = "", value = ""] = /^([a-z]*):? ?(.*)$/u.exec(line) ?? [];
    if (field === "data") {
      data.push(value);
    } else if (field === "id") {
      id = value;
    } else if (field === "event") {
      event = value;
    }
  }
  return data.length === 0 ? null : { id, event, data: data.join("\n") };
}
