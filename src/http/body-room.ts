/** The memory that bodies of requests may take, for a whole server: whoever sends much at once takes it from nobody else. */
export interface BodyRoom {
  /** The share of one request; its principal's other requests count with it. */
  open(principal: string): BodyShare;
}

export interface BodyShare {
  /** Takes room for more of the body; false when there is none, and then nothing is taken. */
  take(bytes: number): boolean;
  /** Gives all of it back. */
  close(): void;
}

export interface BodyLimits {
  readonly allBytes: number;
  /** What the bodies of one principal may take together. */
  readonly eachBytes: number;
}

/** Room for the largest body of all and a half for one principal, and for several such principals. */
export const usualBodyLimits: BodyLimits = {
  allBytes: 256 * 1_024 * 1_024,
  eachBytes: 96 * 1_024 * 1_024,
};

export function createBodyRoom({ allBytes, eachBytes }: BodyLimits): BodyRoom {
  const taken = new Map<string, number>();
  let all = 0;
  const add = (principal: string, bytes: number): void => {
    const own = (taken.get(principal) ?? 0) + bytes;
    all += bytes;
    if (own === 0) {
      taken.delete(principal);
    } else {
      taken.set(principal, own);
    }
  };
  return {
    open: (principal) => {
      let held = 0;
      let isOpen = true;
      return {
        take: (bytes) => {
          const own = taken.get(principal) ?? 0;
          if (!isOpen || all + bytes > allBytes || own + bytes > eachBytes) {
            return false;
          }
          held += bytes;
          add(principal, bytes);
          return true;
        },
        close: () => {
          isOpen = false;
          add(principal, -held);
          held = 0;
        },
      };
    },
  };
}
