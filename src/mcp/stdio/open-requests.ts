import type { JSONRPCMessage, RequestId } from "@modelcontextprotocol/server";

/** A subscription stays open by its nature: nobody waits for its answer. */
const standing = "subscriptions/listen";

/** The requests that were received and not yet answered. Its messages have the form of the protocol: what they are is told by their fields alone. */
export interface OpenRequests {
  /** Notes a request that came in, or forgets one that was canceled. */
  received(message: JSONRPCMessage): void;
  answered(message: JSONRPCMessage): void;
  /** Notes a line with a request that is not read here, until it ends. */
  lineBegan(): void;
  lineEnded(): void;
  /** Calls back once none is open, at the latest after `graceMs`. */
  whenDone(graceMs: number, done: () => void): void;
  /** Lets go of a running grace time. */
  stop(): void;
}

export function createOpenRequests(): OpenRequests {
  const open = new Set<RequestId>();
  let lines = 0;
  let timer: NodeJS.Timeout | null = null;
  let onDone: (() => void) | null = null;

  function check(): void {
    if (open.size === 0 && lines === 0) {
      onDone?.();
    }
  }

  return {
    received: (message) => {
      if ("method" in message && "id" in message) {
        if (message.method !== standing) {
          open.add(message.id);
        }
        return;
      }
      const canceled = canceledId(message);
      if (canceled !== null) {
        open.delete(canceled);
        check();
      }
    },
    answered: (message) => {
      if (!("method" in message) && message.id !== undefined) {
        open.delete(message.id);
        check();
      }
    },
    lineBegan: () => {
      lines += 1;
    },
    lineEnded: () => {
      lines -= 1;
      check();
    },
    whenDone: (graceMs, done) => {
      onDone = done;
      timer ??= setTimeout(done, graceMs);
      check();
    },
    stop: () => {
      clearTimeout(timer ?? undefined);
      onDone = null;
    },
  };
}

/** The request that a message cancels; null for any other message. */
export function canceledId(message: JSONRPCMessage): RequestId | null {
  if (!("method" in message) || message.method !== "notifications/cancelled") {
    return null;
  }
  const id: unknown = message.params?.["requestId"];
  return typeof id === "string" || typeof id === "number" ? id : null;
}
