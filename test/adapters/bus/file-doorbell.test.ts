import { fork } from "node:child_process";
import { readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createFileDoorbell } from "../../../src/adapters/bus/file-doorbell.ts";
import type { Doorbell } from "../../../src/core/events/index.ts";
import { makeTemporaryDirectory } from "../../support/stores.ts";

const nextRing = async (bell: Doorbell): Promise<void> =>
  new Promise((resolve) => {
    const stop = bell.watch(() => {
      stop();
      resolve();
    });
  });

/** A busy machine is no fault: what never comes is. */
const patience = { timeout: 30_000 };

describe("createFileDoorbell", () => {
  let directory = "";
  let file = "";
  const bells: Doorbell[] = [];
  const aBell = (mark: () => Promise<number> = async () => 0, backstopMs = 60_000): Doorbell => {
    const bell = createFileDoorbell({ file, mark, backstopMs });
    bells.push(bell);
    return bell;
  };

  beforeEach(() => {
    directory = makeTemporaryDirectory();
    file = join(directory, "skein.db-bell");
  });

  afterEach(() => {
    for (const bell of bells.splice(0)) {
      bell.close();
    }
    rmSync(directory, { recursive: true });
  });

  test("is heard by another bell on the same file", async () => {
    const heard = nextRing(aBell());

    aBell().ring();

    await expect(heard).resolves.toBeUndefined();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("is heard from another process before the backstop asks", async () => {
    const child = fork(join(import.meta.dirname, "ring-child.ts"), [file]);
    await new Promise((resolve) => child.once("message", resolve));
    const mark = vi.fn(async () => 0);
    const bell = aBell(mark, 3_600_000);
    const asked = mark.mock.calls.length;
    for (let round = 0; round < 21; round += 1) {
      const heard = nextRing(bell);
      child.send("ring");
      await heard;
    }
    child.disconnect();

    // The backstop would have asked for the mark; how soon a ring is heard, `bench/store` tells.
    expect(mark.mock.calls.length).toBe(asked);
  });

  test("writes through no link that stands in its place", () => {
    const target = join(directory, "of-another");
    writeFileSync(target, "secret");
    symlinkSync(target, file);
    const bell = aBell();

    bell.ring();
    bell.close();

    expect(readFileSync(target, "utf8")).toBe("secret");
  });

  test("rings once more at its end where the last ring still waits", () => {
    const bell = aBell();
    bell.ring();
    utimesSync(file, 1, 1);

    bell.ring();
    bell.close();

    expect(statSync(file).mtimeMs).toBeGreaterThan(1_000_000);
  });

  test("looks at the log four times a second where nothing else is said", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const mark = vi.fn(async () => 0);
    const bell = createFileDoorbell({ file, mark });
    bells.push(bell);

    bell.watch(() => undefined);
    vi.advanceTimersByTime(249);
    const early = mark.mock.calls.length;
    vi.advanceTimersByTime(1);

    expect([early, mark.mock.calls.length]).toEqual([0, 1]);
    vi.useRealTimers();
  });

  test("joins a burst into few rings, the last of them after its end", async () => {
    let rings = 0;
    let lastRingMs = 0;
    const listening = aBell();
    listening.watch(() => {
      rings += 1;
      lastRingMs = performance.now();
    });
    const ringing = aBell();

    for (let turn = 0; turn < 1_000; turn += 1) {
      ringing.ring();
    }
    const endMs = performance.now();

    await vi.waitFor(() => expect(lastRingMs).toBeGreaterThan(endMs), patience);
    expect(rings).toBeLessThan(10);
  });

  test("notices by its backstop what no ring told", async () => {
    let seq = 1;
    const heard = nextRing(aBell(async () => seq++, 5));

    await expect(heard).resolves.toBeUndefined();
  });

  test("stays silent after its first look while the mark stays the same", async () => {
    const asked = vi.fn(async () => 7);
    const onRing = vi.fn();
    aBell(asked, 2).watch(onRing);

    await vi.waitFor(() => expect(asked.mock.calls.length).toBeGreaterThan(5), patience);

    expect(onRing).toHaveBeenCalledTimes(1);
  });

  test("calls nobody who has stopped watching", async () => {
    const bell = aBell();
    const stopped = vi.fn();
    bell.watch(stopped)();
    const heard = nextRing(bell);

    bell.ring();
    await heard;

    expect(stopped).not.toHaveBeenCalled();
  });

  test("tells of what came before the first look, where the file system tells nothing", async () => {
    // A link is not watched: only the log is looked at.
    symlinkSync(join(directory, "target"), file);
    const bell = aBell(async () => Promise.resolve(7), 5);

    await expect(nextRing(bell)).resolves.toBeUndefined();
  });

  test("neither follows a planted link nor throws", () => {
    const target = join(directory, "target");
    writeFileSync(target, "untouched");
    symlinkSync(target, file);

    expect(() => {
      aBell().ring();
    }).not.toThrow();
    expect(statSync(target).size).toBe("untouched".length);
  });
});
