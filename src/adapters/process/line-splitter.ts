/** The longest line that is kept, in bytes. Larger plans go through `skein plan import`. */
export const longestLineBytes = 4 * 1_024 * 1_024;

export interface LineSplitterEvents {
  /** A whole line without its line end. */
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
  let parts: Uint8Array[] = [];
  let heldBytes = 0;
  let isSkipping = false;

  function hold(part: Uint8Array): void {
    heldBytes += part.length;
    if (isSkipping || part.length === 0) {
      return;
    }
    if (heldBytes > limitBytes) {
      isSkipping = true;
      parts = [];
      return;
    }
    parts.push(Uint8Array.from(part));
  }

  function finish(): void {
    const wasTooLong = isSkipping;
    const held = parts;
    parts = [];
    heldBytes = 0;
    isSkipping = false;
    if (wasTooLong) {
      events.onTooLong();
    } else {
      events.onLine(withoutReturn(joined(held)));
    }
  }

  return (chunk) => {
    let start = 0;
    let end = chunk.indexOf(lineFeed);
    while (end !== -1) {
      hold(chunk.subarray(start, end));
      finish();
      start = end + 1;
      end = chunk.indexOf(lineFeed, start);
    }
    hold(chunk.subarray(start));
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
}

function withoutReturn(line: Uint8Array): Uint8Array {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
}
