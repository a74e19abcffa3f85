/** How long a leader of this machine that runs may owe an answer before it is asked whether it lives, and how long for that answer, in milliseconds. */
export interface Silence {
  readonly silentMs: number;
  readonly pingMs: number;
}

/**
 * Where the system does not tell that a process stands still, silence is the only sign of it. Elsewhere silence is a busy machine's: whoever gives
 * its leader up for that makes the machine busier, until all write by themselves and nobody gets on.
 */
export const silence: Silence =
  process.platform === "linux"
    ? { silentMs: 10_000, pingMs: 2_000 }
    : { silentMs: 120, pingMs: 200 };
