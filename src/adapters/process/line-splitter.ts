/** The longest line that is kept, in bytes. Larger plans go through `skein plan import`. */
export const longestLineBytes = 4 * 1_024 * 1_024;

export interface LineSplitterEvents {
  /** A whole line without its line end; its memory may be used again once this returns. */
  onLine(line: Uint8Array): void;
  /** A line passed the limit; it was thrown away as it came. */
  onTooLong(): void;
}

/** Takes the next bytes of the stream. The caller may use their memory again afterwards. */
export type LineSplitter = (chunk: Uint8Array) => void;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Cuts a stream of bytes into lines and never holds more than one line within the limit. */
export function createLineSplitter(
  events: LineSplitterEvents,
  limitBytes = longestLineBytes,
): LineSplitter {
  const held = createHeld(limitBytes);

  function finish(last: Uint8Array): void {
    if (held.isNothing() && last.length <= limitBytes) {
      // Most lines come whole: nothing is copied.
      events.onLine(withoutReturn(last));
      return;
    }
    held.add(last);
    const line = held.take();
    if (line === null) {
      events.onTooLong();
    } else {
      events.onLine(withoutReturn(line));
    }
  }

  return (chunk) => {
    let start = 0;
    let end = chunk.indexOf(lineFeed);
    while (end !== -1) {
      finish(chunk.subarray(start, end));
      start = end + 1;
      end = chunk.indexOf(lineFeed, start);
    }
    if (start < chunk.length) {
      held.add(chunk.subarray(start));
    }
  };
}

/** The parts of a line that has not ended. */
interface Held {
  isNothing(): boolean;
  add(part: Uint8Array): void;
  /** The whole line, null when it passed the limit; nothing is held afterwards. */
  take(): Uint8Array | null;
}

function createHeld(limitBytes: number): Held {
  let parts: Uint8Array[] = [];
  let heldBytes = 0;
  return {
    isNothing: () => heldBytes === 0,
    add: (part) => {
      heldBytes += part.length;
      if (heldBytes > limitBytes) {
        parts = [];
      } else if (part.length > 0) {
        parts.push(new Uint8Array(part));
      }
    },
    take: () => {
      const line = heldBytes > limitBytes ? null : joined(parts);
      parts = [];
      heldBytes = 0;
      return line;
    },
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
}

function withoutReturn(line: Uint8Array): Uint8Array {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
}
