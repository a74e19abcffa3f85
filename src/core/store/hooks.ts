/** The work that a transaction runs at its end. */
export interface TransactionHooks {
  /** Registers work for just before the commit; of one key, the first registration counts. */
  before(key: object, work: () => Promise<void>): void;
  /** Registers work for just after the commit; of one key, the first registration counts. */
  after(key: object, work: () => void): void;
  runBefore(): Promise<void>;
  runAfter(): void;
}

/** Makes the hooks of one transaction; nothing is allocated until one is registered. */
export function createHooks(): TransactionHooks {
  let befores: Map<object, () => Promise<void>> | null = null;
  let afters: Map<object, () => void> | null = null;
  return {
    before: (key, work) => {
      befores ??= new Map();
      if (!befores.has(key)) {
        befores.set(key, work);
      }
    },
    after: (key, work) => {
      afters ??= new Map();
      if (!afters.has(key)) {
        afters.set(key, work);
      }
    },
    runBefore: async () => {
      // A Map's iterator also visits what the work itself registers.
      for (const work of befores?.values() ?? []) {
        await work();
      }
    },
    runAfter: () => {
      for (const work of afters?.values() ?? []) {
        work();
      }
    },
  };
}
