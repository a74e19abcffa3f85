/** Lets work begin in order of arrival, so much in each round of events. */
export interface Rounds {
  /** Runs work when its turn comes; one that is larger than a round has a round for itself. */
  run<T>(size: number, work: () => Promise<T>): Promise<T>;
}

interface Waiting {
  readonly size: number;
  readonly begin: () => void;
}

/** Bounds what runs, and what has run in this round of events, together: between the rounds others of the process come. */
export function createRounds(most: number): Rounds {
  const line: Waiting[] = [];
  const account = createAccount(most, () => {
    for (let next = line[0]; next !== undefined && account.begin(next.size); next = line[0]) {
      line.shift();
      next.begin();
    }
  });
  return {
    run: async (size, work) => {
      if (line.length > 0 || !account.begin(size)) {
        await new Promise<void>((resolve) => {
          line.push({ size, begin: resolve });
        });
      }
      try {
        return await work();
      } finally {
        account.end(size);
      }
    },
  };
}

interface Account {
  /** False when there is no room in this round. */
  begin(size: number): boolean;
  end(size: number): void;
}

/** What still runs at the end of a round counts in the next one. */
function createAccount(most: number, onRound: () => void): Account {
  let running = 0;
  let used = 0;
  let isCounting = false;
  const count = (): void => {
    if (isCounting) {
      return;
    }
    isCounting = true;
    setImmediate(() => {
      isCounting = false;
      used = running;
      onRound();
    });
  };
  return {
    begin: (size) => {
      if (used > 0 && used + size > most) {
        return false;
      }
      running += size;
      used += size;
      count();
      return true;
    },
    end: (size) => {
      running -= size;
      count();
    },
  };
}
