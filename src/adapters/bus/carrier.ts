import { setTimeout as pause } from "node:timers/promises";

import type { BusHealth } from "../../core/events/index.ts";

/** What carries rings between processes: all that differs from one kind of bus to the next. */
export interface Carrier {
  readonly kind: BusHealth["kind"];
  /** Tells the other processes that the logs of these projects have grown. Rejects when it cannot. */
  send(projects: readonly string[]): Promise<void>;
  /** Hears the other processes from now on, through every fault, until `deafen` or `close`. Again does nothing. */
  listen(ear: Ear): void;
  /** Stops to listen and lets go of that connection; a later `listen` begins anew. */
  deafen(): Promise<void>;
  close(): Promise<void>;
}

/** Takes what is heard. */
export interface Ear {
  /** Null: any project may have changed meanwhile, as after a connection was made anew. */
  onRing(project: string | null): void;
  /** Null: it can be heard again. Else why not, in one line. */
  onFault(reason: string | null): void;
}

/** What a fault says of itself, in one line, without the address that it may repeat. */
export function reasonOf(error: unknown): string {
  const words = error instanceof Error ? wordsOf(error) : String(error);
  return words
    .replaceAll(/\b[a-z][\w+.-]*:\/\/\S*/giu, "(address)")
    .replaceAll(/\s+/gu, " ")
    .trim()
    .slice(0, 200);
}

function wordsOf(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : null;
  // Several addresses of one host that all refuse come as one error without words.
  return [code, error.message].filter((part) => part !== null && part !== "").join(": ");
}

/** Waits for an answer for a number of milliseconds. @throws {Error} when none comes in time; what comes later is not looked at. */
export async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  const done = new AbortController();
  const late = async (): Promise<never> => {
    await pause(ms, null, { signal: done.signal });
    throw new Error(`no answer within ${String(ms)} ms`);
  };
  const tooLate = late();
  answer.catch(() => {});
  tooLate.catch(() => {});
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    done.abort();
  }
}

/** Pauses that grow to two seconds, each a little different, so that many processes do not return at once. */
export interface Pauses {
  nextMs(): number;
  /** After a success: the next pause is short again. */
  reset(): void;
}

export function createPauses(): Pauses {
  let lastMs = 50;
  return {
    nextMs: () => {
      lastMs = Math.min(2_000, lastMs * 2);
      return lastMs * (0.75 + Math.random() / 4);
    },
    reset: () => {
      lastMs = 50;
    },
  };
}
