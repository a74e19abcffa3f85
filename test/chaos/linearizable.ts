/** One call on one object, as its caller saw it. Times are of the clock that all processes share. */
export interface Call {
  readonly client: string;
  readonly from: number;
  /** Infinity when no answer came: it may have happened at any time after `from`, or never. */
  readonly to: number;
  readonly op: "check" | "lose" | "release" | "take";
  /** Who held it afterwards, as the answer says; null for nobody. Of no meaning without an answer. */
  readonly holder: string | null;
}

/** What a register that one client holds at a time becomes by a call; null when the answer does not fit. */
function apply(holder: string | null, call: Call): { readonly holder: string | null } | null {
  switch (call.op) {
    case "take": {
      const taken = holder ?? call.client;
      return call.to === Infinity || taken === call.holder ? { holder: taken } : null;
    }
    case "release":
    case "lose":
      return { holder: holder === call.client ? null : holder };
    case "check":
      return call.holder === holder ? { holder } : null;
  }
}

/**
 * Decides whether there is one order of the calls in which every answer is right, and in which a call that ended before another began comes
 * first. Tries all orders that the times allow (Wing and Gong), but no state twice (Lowe).
 */
export function isLinearizable(calls: readonly Call[]): boolean {
  const sorted = calls.toSorted((one, other) => one.from - other.from);
  const seen = new Set<string>();
  const open: { readonly holder: string | null; readonly done: ReadonlySet<number> }[] = [
    { holder: null, done: new Set() },
  ];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    const { holder, done } = state;
    const left = [...sorted.keys()].filter((index) => !done.has(index));
    if (left.every((index) => sorted[index]?.to === Infinity)) {
      return true;
    }
    for (const [index, call] of nextCalls(sorted, left)) {
      const after = apply(holder, call);
      const all = after === null ? null : new Set([...done, index]);
      const name = all === null ? "" : nameOf(all, sorted.length, after?.holder ?? null);
      if (after !== null && all !== null && !seen.has(name)) {
        seen.add(name);
        open.push({ holder: after.holder, done: all });
      }
    }
  }
  return false;
}

/** Calls that began before any other of those left had ended. */
function nextCalls(
  sorted: readonly Call[],
  left: readonly number[],
): readonly (readonly [number, Call])[] {
  const firstEnd = Math.min(...left.map((index) => sorted[index]?.to ?? Infinity));
  return left.flatMap((index) => {
    const call = sorted[index];
    return call !== undefined && call.from <= firstEnd ? [[index, call] as const] : [];
  });
}

function nameOf(done: ReadonlySet<number>, length: number, holder: string | null): string {
  let first = 0;
  while (first < length && done.has(first)) {
    first += 1;
  }
  const beyond = [...done].filter((index) => index > first).toSorted((one, other) => one - other);
  return `${String(first)} ${beyond.join(",")} ${holder ?? ""}`;
}
