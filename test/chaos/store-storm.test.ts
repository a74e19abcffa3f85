import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { noteIds, notesMigration } from "../support/note-store.ts";
import { proofRun } from "../support/proof.ts";
import { holdWriters, openRawStore, rawPlaces } from "./raw-places.ts";
import type { StormReport, StormWord } from "./store-storm-child.ts";

/** How many seconds the storm lasts with its full force; in a shorter one only what happens counts, not how soon. */
const { count: seconds } = proofRun("R14", 1);
const isFull = process.env["SKEIN_PROOF_R14"] !== undefined;
const writersCount = Number(process.env["SKEIN_PROOF_WRITERS"] ?? 8);

/** How long the outsider holds the lock of a full storm, in milliseconds; else only until every writer was refused. */
const heldMs = isFull ? 10_000 : 0;

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Waits for one word of a writer. It must be called before the writer can say it. */
async function told(writer: ChildProcess, word: StormWord): Promise<void> {
  await new Promise<void>((resolve) => {
    const listen = (said: unknown): void => {
      if (said === word) {
        writer.off("message", listen);
        resolve();
      }
    };
    writer.on("message", listen);
  });
}

async function startWriters(where: string, count: number): Promise<readonly ChildProcess[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const child = fork(join(import.meta.dirname, "store-storm-child.ts"), [
        where,
        String((index + 1) * 1_000_000),
      ]);
      await told(child, "ready");
      return child;
    }),
  );
}

/** Gives the sign, and waits until every writer got its turn again and again. */
async function letGo(writers: readonly ChildProcess[]): Promise<void> {
  const all = Promise.all(writers.map(async (writer) => told(writer, "enough")));
  for (const writer of writers) {
    writer.send("free");
  }
  await all;
}

async function endWriters(writers: readonly ChildProcess[]): Promise<readonly StormReport[]> {
  return Promise.all(
    writers.map(async (writer) => {
      const report = new Promise<StormReport>((resolve) => {
        writer.on("message", (said: StormReport | StormWord) => {
          if (typeof said === "object") {
            resolve(said);
          }
        });
      });
      writer.send("end");
      return report;
    }),
  );
}

describe("R14: a storm of writers", () => {
  test.each(rawPlaces)(
    `on %s of ${String(writersCount)} processes for ${String(seconds)} s, with an outsider who holds the lock, ends in answers of ours and loses nothing`,
    async (_name, make) => {
      const { where, remove } = await make();
      const store = await openRawStore(where, [notesMigration]);
      const writers = await startWriters(where, writersCount);
      const refused = writers.map(async (writer) => told(writer, "refused"));
      const letWritersGo = await holdWriters(where);
      await Promise.all([...refused, pause(heldMs)]);
      await letWritersGo();
      await Promise.all([letGo(writers), pause(isFull ? seconds * 1_000 - heldMs : 0)]);

      const reports = await endWriters(writers);

      const refusals = reports.flatMap((report) => report.refusals);
      expect(reports.flatMap((report) => report.raw)).toEqual([]);
      expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(["SKN-7101"]));
      const confirmed = reports.flatMap((report) => report.confirmed).toSorted((a, b) => a - b);
      expect(await noteIds(store)).toEqual(confirmed);
      if (isFull) {
        const waits = reports.flatMap((report) => report.waitsMs).toSorted((a, b) => a - b);
        expect(Math.max(...refusals.map(({ waitedMs }) => waitedMs))).toBeLessThan(6_000);
        expect(waits[Math.floor(waits.length * 0.99)]).toBeLessThan(1_000);
      }
      await store.close();
      await remove();
    },
  );

  test.each(rawPlaces)(
    "on %s goes on when one writer is stopped and another killed, and loses nothing",
    async (_name, make) => {
      const { where, remove } = await make();
      const store = await openRawStore(where, [notesMigration]);
      const writers = await startWriters(where, 6);
      const [stopped, killed, ...others] = writers;
      for (let round = 0; round < 8; round += 1) {
        await pause(60);
        stopped?.kill("SIGSTOP");
        // Stopped inside its transaction it would hold the lock itself, which no queue can cure: let it go on soon.
        await pause(150);
        stopped?.kill("SIGCONT");
      }
      killed?.kill("SIGKILL");
      const left = [...others, ...(stopped === undefined ? [] : [stopped])];
      await letGo(left);

      const reports = await endWriters(left);

      expect(reports.flatMap((report) => report.raw)).toEqual([]);
      const ids = new Set(await noteIds(store));
      expect(reports.flatMap((report) => report.confirmed).filter((id) => !ids.has(id))).toEqual(
        [],
      );
      expect(await store.maintenance.health("full")).toMatchObject({ ok: true });
      await store.close();
      await remove();
    },
  );
});
