import type { RequestId } from "@modelcontextprotocol/server";
import type { ChannelLine } from "../../adapters/leading/channel.ts";
import type { Owing } from "../../adapters/leading/owed.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { readFrame } from "../stdio/read-frame.ts";
import type { LineEnd, TakeLine } from "../stdio/line-entry.ts";
import { newKey, withKey } from "./arguments.ts";
import type { Leader } from "./leader.ts";
import type { Leading } from "./local-acts.ts";
import { plainRequestIn } from "./plain-request.ts";
import type { PlainRequest } from "./plain-request.ts";
import { withArguments } from "./with-arguments.ts";

/** Hands lines on as they come. */
export interface LineRelay {
  readonly takeLine: TakeLine;
  /** Nobody waits for the answer to a request any more. */
  cancel(id: RequestId): void;
}

export interface LineRelayDeps {
  leading(this: void): Leading | null;
  /** Who speaks, always as the same object; null while that is not known. */
  speaker(this: void): LooseObject | null;
}

/** A line that the leader has in hand. */
interface OpenLine {
  readonly line: string;
  /** Tells the leader that nobody waits for its answer. */
  cancel: () => void;
  isCanceled: boolean;
}

/**
 * Hands lines to an elected leader without reading them, and its answers back as they come: between two calls this process rests, and whatever it does
 * with one is cold code. A line is taken by its looks alone; the leader reads it, and one that it finds to be something else is read here.
 */
export function createLineRelay({ leading, speaker }: LineRelayDeps): LineRelay {
  const open = new Set<OpenLine>();
  return {
    takeLine: (bytes, end) => {
      const said = speaker();
      const line = said === null || bytes.length > longest ? "" : textOf(bytes);
      const who = leading();
      if (said === null || who === null || who.candidate.isLeading() || !looksPlain(line)) {
        return false;
      }
      const key = newKey();
      const handed: OpenLine = { line, cancel: nothing, isCanceled: false };
      open.add(handed);
      const settle = (owing: Owing): void => {
        // Once: a way may break after it has settled.
        if (open.delete(handed)) {
          end(handed.isCanceled ? dropped : endOf(owing, line, key));
        }
      };
      const cancel = handOn(who.leader, { line, key, speaker: said }, settle);
      if (cancel === null) {
        open.delete(handed);
        return false;
      }
      handed.cancel = cancel;
      return true;
    },
    cancel: (id) => {
      for (const handed of open) {
        if (requestIn(handed.line)?.id === id) {
          handed.isCanceled = true;
          handed.cancel();
        }
      }
    },
  };
}

/** Longer lines are no calls of every day. */
const longest = 65_536;

const dropped: LineEnd = { kind: "dropped" };

function nothing(): void {
  // The leader has not heard of it yet.
}

/** Null where no leader is at hand. */
function handOn(
  leader: Leader,
  line: ChannelLine,
  settle: (owing: Owing) => void,
): (() => void) | null {
  try {
    return leader.handNear(line, settle);
  } catch {
    // Whatever goes wrong on the way: the agent waits for an answer.
    settle({ kind: "lost", isFrozen: false });
    return nothing;
  }
}

/** The bytes as a text, one character each. */
function textOf(bytes: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = bytes;
  const own = Buffer.isBuffer(bytes) ? bytes : Buffer.from(buffer, byteOffset, byteLength);
  return own.toString("latin1");
}

function bytesOf(line: string): Uint8Array {
  return Buffer.from(line, "latin1");
}

const plainTool = /"name":\s*"(?:next_task|update_task|finish_task|send_message)"/u;

/** True for what is most probably a plain call, by how clients write it. */
function looksPlain(line: string): boolean {
  return (
    line.includes('"tools/call"') &&
    plainTool.test(line) &&
    !line.includes('"wait_seconds"') &&
    !line.includes('"add_paths"') &&
    !line.includes("io.modelcontextprotocol/")
  );
}

/** What becomes of a line by what came of it with the leader: one that was lost there is served here, under the key that the leader was told. */
function endOf(owing: Owing, line: string, key: string): LineEnd {
  if (owing.kind === "answered") {
    return owing;
  }
  const request = owing.kind === "lost" ? requestIn(line) : null;
  return request === null
    ? { kind: "read", line: bytesOf(line) }
    : {
        kind: "served",
        message: withArguments(
          request.message,
          withKey(request.tool, request.input, () => key),
        ),
      };
}

function requestIn(line: string): PlainRequest | null {
  const frame = readFrame(bytesOf(line));
  return frame?.kind === "message" ? plainRequestIn(frame.message) : null;
}
