import type { CallLedger } from "../../src/core/models/index.ts";

/** Grants every call and counts none: for calls that no budget speaks of, as the few words of a check. */
export const uncountedLedger: CallLedger = {
  reserve: (call) => Promise.resolve({ kind: "granted", grant: { id: "uncounted", call } }),
  settle: () => Promise.resolve(),
};
