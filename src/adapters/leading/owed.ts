/**
 * What came of what the leader was handed, its answer as bytes whose memory may be used again afterwards. `odd`: the leader does no such call; `lost`:
 * nobody knows, and it may be done again under the same key.
 */
export type Owing =
  | { readonly kind: "answered"; readonly answer: Uint8Array }
  | { readonly kind: "odd" }
  | { readonly kind: "lost"; readonly isFrozen: boolean };

/** The answers that the leader owes. */
export interface Owed {
  add(id: number, debt: Debt): void;
  settle(this: void, id: number, answer: Owing): void;
  lose(isFrozen: boolean): void;
  isNothing(): boolean;
  /** How long the leader has owed an answer and said nothing, in milliseconds; for a call that waits, beyond `waitingMs`. */
  silenceMs(): number;
}

export interface Debt {
  /** True for a call that may wait long for its answer. */
  readonly isWaiting: boolean;
  settle(this: void, answer: Owing): void;
}

interface Kept extends Debt {
  readonly sinceMs: number;
}

/** How much longer one may say nothing that owes only answers to calls that wait. */
const waitingMs = 5_000;

export function createOwed(): Owed {
  const debts = new Map<number, Kept>();
  let heardMs = performance.now();
  return {
    add: (id, { isWaiting, settle }) => {
      debts.set(id, { isWaiting, settle, sinceMs: performance.now() });
    },
    settle: (id, answer) => {
      heardMs = performance.now();
      const debt = debts.get(id);
      debts.delete(id);
      debt?.settle(answer);
    },
    lose: (isFrozen) => {
      const all = [...debts.values()];
      debts.clear();
      for (const { settle } of all) {
        settle({ kind: "lost", isFrozen });
      }
    },
    isNothing: () => debts.size === 0,
    silenceMs: () => {
      const owedMs = [...debts.values()].map(
        ({ sinceMs, isWaiting }) => Math.max(sinceMs, heardMs) + (isWaiting ? waitingMs : 0),
      );
      return Math.max(0, performance.now() - Math.min(...owedMs));
    },
  };
}
