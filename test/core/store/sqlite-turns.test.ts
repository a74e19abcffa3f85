import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTurns } from "../../../src/core/store/dialects/sqlite-turns.ts";
import { makeTemporaryDirectory } from "../../support/stores.ts";

const backoff = { retryMs: () => 60_000 };
const otherSlot = (process.pid + 1) % 256;

/** Since when the other process waits, by the board; 0 when it was called. */
function waiterOf(file: string): number {
  return readFileSync(join(`${file}-turns`, "queue")).readDoubleLE(otherSlot * 8);
}

describe("createTurns", () => {
  let directory = "";
  let file = "";

  /** Puts another process into the queue, as its own board would. */
  const another = (sinceMs: number): void => {
    const board = new Float64Array(256);
    board[otherSlot] = sinceMs;
    writeFileSync(join(`${file}-turns`, "queue"), board);
  };

  beforeEach(() => {
    directory = makeTemporaryDirectory();
    file = join(directory, "skein.db");
    mkdirSync(`${file}-turns`);
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  test("lets newcomers through while nobody waits", () => {
    const turns = createTurns(file, backoff);

    expect(turns.isContended()).toBe(false);
    turns.close();
  });

  test("asks newcomers to queue behind one who has waited long", () => {
    const turns = createTurns(file, backoff);
    another(1);

    expect(turns.isContended()).toBe(true);
    turns.close();
  });

  test("calls a waiter once, so that one who was killed holds up nobody twice", () => {
    const turns = createTurns(file, backoff);
    another(1);

    turns.callNext();

    expect(turns.isContended()).toBe(false);
    turns.close();
  });

  test("looks for a waiter again a millisecond after it saw nobody, not with each commit", () => {
    const turns = createTurns(file, backoff);
    const now = vi.spyOn(performance, "now").mockReturnValue(1_000);
    turns.callNext();
    another(1);

    now.mockReturnValue(1_000.9);
    turns.callNext();
    const isSeenAtOnce = waiterOf(file) === 0;
    now.mockReturnValue(1_001);
    turns.callNext();

    expect(isSeenAtOnce).toBe(false);
    expect(waiterOf(file)).toBe(0);
    turns.close();
  });

  test("wakes a waiter that is called, long before it would look by itself", async () => {
    const turns = createTurns(file, backoff);
    const waiting = turns.wait();
    const bell = readdirSync(`${file}-turns`).find((name) => name !== "queue") ?? "";

    const touched = setInterval(() => {
      writeFileSync(join(`${file}-turns`, bell), "");
    }, 5);
    await waiting;
    clearInterval(touched);

    turns.leave();
    expect(turns.isContended()).toBe(false);
    turns.close();
  });

  test("does without a queue where its folder cannot be made", async () => {
    rmSync(`${file}-turns`, { recursive: true });
    writeFileSync(`${file}-turns`, "a file in the way");

    const turns = createTurns(file, { retryMs: () => 1 });

    expect(turns.isContended()).toBe(false);
    await expect(turns.wait()).resolves.toBeUndefined();
    turns.close();
  });
});
