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
  let befores: Hook<() => Promise<void>>[] | null = null;
  let afters: Hook<() => void>[] | null = null;
  return {
    before: (key, work) => {
      befores ??= [];
      register(befores, { key, work });
    },
    after: (key, work) => {
      afters ??= [];
      register(afters, { key, work });
    },
    runBefore: async () => {
      // The iterator of an array also visits what the work itself registers.
      for (const { work } of befores ?? []) {
        await work();
      }
    },
    runAfter: () => {
      for (const { work } of afters ?? []) {
        work();
      }
    },
  };
}

interface Hook<Work> {
  readonly key: object;
  readonly work: Work;
}

/** There are two or three of them, mostly one. */
function register<Work>(hooks: Hook<Work>[], hook: Hook<Work>): void {
  if (!hooks.some(({ key }) => key === hook.key)) {
    hooks.push(hook);
  }
}
