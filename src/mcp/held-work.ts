/** Work that outlasts the calls that began it. */
export interface HeldWork<T> {
  get(name: string): T | undefined;
  /** Holds it under a name while it runs; of what has ended only the newest are held. */
  hold(name: string, work: T, done: Promise<unknown>): void;
  drop(name: string): void;
  all(): readonly T[];
}

/** @param most - How many that have ended are held, for whoever asks again. */
export function holdWork<T>(most: number): HeldWork<T> {
  const held = new Map<string, T>();
  const ended = new Set<string>();
  const drop = (name: string): void => {
    held.delete(name);
    ended.delete(name);
  };
  return {
    get: (name) => held.get(name),
    hold: (name, work, done) => {
      held.set(name, work);
      const end = (): void => {
        if (held.get(name) !== work) {
          return;
        }
        ended.add(name);
        const [oldest] = ended;
        if (ended.size > most && oldest !== undefined) {
          drop(oldest);
        }
      };
      done.then(end, end);
    },
    drop,
    all: () => [...held.values()],
  };
}
