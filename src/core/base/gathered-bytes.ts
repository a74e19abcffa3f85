/** Bytes that come in parts. Kept is little more than what came, however small the parts are. */
export interface GatheredBytes {
  /** Takes a copy: the part's memory, of which it may be a single byte, is let go of. */
  add(part: Uint8Array): void;
  /** All that came, in its order. */
  whole(): Buffer;
}

const smallestBlock = 1_024;
const largestBlock = 65_536;

export function gatherBytes(): GatheredBytes {
  const full: Buffer[] = [];
  let block = Buffer.alloc(0);
  let used = 0;
  let held = 0;

  /** Blocks grow with what came, so that a short body takes little. */
  const begin = (need: number): void => {
    if (used > 0) {
      full.push(block);
    }
    block = Buffer.allocUnsafeSlow(
      Math.max(need, Math.min(largestBlock, Math.max(smallestBlock, held))),
    );
    used = 0;
  };

  return {
    add: (part) => {
      const fits = Math.min(part.length, block.length - used);
      block.set(part.subarray(0, fits), used);
      used += fits;
      held += part.length;
      if (fits < part.length) {
        begin(part.length - fits);
        block.set(part.subarray(fits));
        used = part.length - fits;
      }
    },
    whole: () => {
      const last = block.subarray(0, used);
      return full.length === 0 ? last : Buffer.concat([...full, last]);
    },
  };
}
