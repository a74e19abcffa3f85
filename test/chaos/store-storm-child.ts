import { SkeinError } from "../../src/core/base/errors.ts";
import { addNote, notesMigration } from "../support/note-store.ts";
import { openRawStore } from "./raw-places.ts";

/** What one writer of a storm saw. */
export interface StormReport {
  readonly confirmed: readonly number[];
  readonly refusals: readonly { readonly code: string; readonly waitedMs: number }[];
  /** Errors that were none of ours. */
  readonly raw: readonly string[];
  /** The waits of the writes that began after the parent's sign. */
  readonly waitsMs: readonly number[];
}

/** What a writer says to its parent, each once: it writes, it was refused in whatever words, it has written `enoughWrites` times since the sign. */
export type StormWord = "enough" | "ready" | "refused";

/** How many writes after the sign show that a writer gets its turn again. */
export const enoughWrites = 25;

/** Tells each word once. */
function speak(): (word: StormWord) => void {
  const told = new Set<StormWord>();
  return (word) => {
    if (!told.has(word)) {
      told.add(word);
      process.send?.(word);
    }
  };
}

/** Run as a process of its own: writes without a pause until its parent says `end`, then reports. */
async function storm(where: string, first: number): Promise<void> {
  const store = await openRawStore(where, [notesMigration]);
  const seen = {
    confirmed: [] as number[],
    refusals: [] as StormReport["refusals"][number][],
    raw: [] as string[],
    waitsMs: [] as number[],
  };
  const say = speak();
  const freeing = new AbortController();
  const ending = new AbortController();
  process.on("message", (word) => {
    if (word === "free") {
      freeing.abort();
    } else {
      ending.abort();
    }
  });
  say("ready");
  for (let id = first; !ending.signal.aborted; id += 1) {
    const wasFree = freeing.signal.aborted;
    const startMs = performance.now();
    try {
      await store.write(async (tx) => addNote(tx, id));
      seen.confirmed.push(id);
    } catch (error) {
      const waitedMs = performance.now() - startMs;
      if (error instanceof SkeinError) {
        seen.refusals.push({ code: error.code, waitedMs });
      } else {
        seen.raw.push(String(error));
      }
      say("refused");
    }
    if (wasFree) {
      seen.waitsMs.push(performance.now() - startMs);
    }
    if (seen.waitsMs.length >= enoughWrites) {
      say("enough");
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const report: StormReport = seen;
  await new Promise((resolve) => process.send?.(report, resolve));
  await store.close();
  process.disconnect();
}

const [, , where = "", first = "0"] = process.argv;
if (process.send !== undefined) {
  await storm(where, Number(first));
}
