import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openBetterSqlite } from "../../src/core/store/index.ts";
import { noteIds, openNoteStore } from "../support/note-store.ts";
import { makeTemporaryDirectory } from "../support/stores.ts";
import type { StormReport } from "./store-storm-child.ts";

async function heard<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve) => child.once("message", resolve));
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

async function startWriters(file: string, count: number): Promise<readonly ChildProcess[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const child = fork(join(import.meta.dirname, "store-storm-child.ts"), [
        file,
        String((index + 1) * 1_000_000),
      ]);
      await heard(child);
      return child;
    }),
  );
}

async function endWriters(writers: readonly ChildProcess[]): Promise<readonly StormReport[]> {
  return Promise.all(
    writers.map(async (writer) => {
      const report = heard<StormReport>(writer);
      writer.send("end");
      return report;
    }),
  );
}

describe("R14: a storm of writers", () => {
  test("with an outsider who holds the lock ends in answers of ours within six seconds, and in order after it", async () => {
    const directory = makeTemporaryDirectory();
    const file = join(directory, "skein.db");
    const store = await openNoteStore({ file });
    const writers = await startWriters(file, 8);
    const outsider = openBetterSqlite(file);
    outsider.exec("PRAGMA busy_timeout = 5000");
    outsider.exec("BEGIN IMMEDIATE");
    await pause(5_600);
    outsider.exec("ROLLBACK");
    outsider.close();
    for (const writer of writers) {
      writer.send("free");
    }
    await pause(2_000);

    const reports = await endWriters(writers);

    const refusals = reports.flatMap((report) => report.refusals);
    expect(reports.flatMap((report) => report.raw)).toEqual([]);
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(["SKN-7101"]));
    expect(Math.max(...refusals.map(({ waitedMs }) => waitedMs))).toBeLessThan(6_000);
    const waits = reports.flatMap((report) => report.waitsMs).toSorted((a, b) => a - b);
    expect(waits.length).toBeGreaterThan(100);
    expect(waits[Math.floor(waits.length * 0.99)]).toBeLessThan(1_000);
    const confirmed = reports.flatMap((report) => report.confirmed).toSorted((a, b) => a - b);
    expect(await noteIds(store)).toEqual(confirmed);
    await store.close();
    rmSync(directory, { recursive: true });
  });

  test("goes on when one writer is stopped and another killed, and loses nothing", async () => {
    const directory = makeTemporaryDirectory();
    const file = join(directory, "skein.db");
    const store = await openNoteStore({ file });
    const writers = await startWriters(file, 6);
    const [stopped, killed, ...others] = writers;
    for (let round = 0; round < 8; round += 1) {
      await pause(60);
      stopped?.kill("SIGSTOP");
      // Stopped inside its transaction it would hold SQLite's lock itself, which no queue can cure: let it go on soon.
      await pause(150);
      stopped?.kill("SIGCONT");
    }
    killed?.kill("SIGKILL");
    for (const writer of others) {
      writer.send("free");
    }
    await pause(1_500);

    const reports = await endWriters([...others, ...(stopped === undefined ? [] : [stopped])]);

    const waits = reports.flatMap((report) => report.waitsMs);
    expect(reports.flatMap((report) => report.raw)).toEqual([]);
    expect(waits.length).toBeGreaterThan(100);
    expect(Math.max(...waits)).toBeLessThan(2_500);
    const ids = new Set(await noteIds(store));
    expect(reports.flatMap((report) => report.confirmed).filter((id) => !ids.has(id))).toEqual([]);
    expect(await store.maintenance.health("full")).toMatchObject({ ok: true });
    await store.close();
    rmSync(directory, { recursive: true });
  });
});
