import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";

import { createAnswerCache } from "../../../src/adapters/models/index.ts";
import type { AnswerCache } from "../../../src/adapters/models/index.ts";
import type { Recorded } from "../../../src/core/models/index.ts";

const key = "a".repeat(64);
const other = "b".repeat(64);
const answer: Recorded = {
  model: "sonnet",
  requestHash: "c".repeat(64),
  generation: { text: "yes", object: null, usage: null, finish: "stop" },
};

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) {
    rmSync(folder, { recursive: true, force: true });
  }
});

interface Stand {
  readonly cache: AnswerCache;
  readonly folder: string;
  /** Turns the wall clock. */
  readonly later: (ms: number) => void;
}

function stand(maxAgeMs = 1_000): Stand {
  const parent = mkdtempSync(join(tmpdir(), "skein-answers-"));
  folders.push(parent);
  const folder = join(parent, "answers");
  let aheadMs = 0;
  const nowMs = (): number => Date.now() + aheadMs;
  return {
    cache: createAnswerCache({ folder, maxAgeMs, nowMs }),
    folder,
    later: (ms) => {
      aheadMs += ms;
    },
  };
}

describe("createAnswerCache", () => {
  test("gives an answer again while it is young, from a file that only its owner reads", async () => {
    const { cache, folder, later } = stand(60_000);
    await cache.keep(key, answer);
    const young = await cache.find(key);
    later(61_000);

    expect(young).toEqual(answer);
    expect(await cache.find(key)).toBeNull();
    expect(await cache.find(other)).toBeNull();
    expect(statSync(folder).mode & 0o077).toBe(0);
    expect(statSync(join(folder, `${key}.json`)).mode & 0o077).toBe(0);
  });

  test("deletes what is too old, and keeps the secret", async () => {
    const { cache, folder, later } = stand(60_000);
    const secret = await cache.secret();
    await cache.keep(key, answer);
    expect(await cache.prune()).toBe(0);
    later(61_000);
    await cache.prune();

    expect(readdirSync(folder)).toEqual(["secret"]);
    expect(await cache.secret()).toBe(secret);
  });

  test("takes no file that others can read or write, no link and no garbage", async () => {
    const { cache, folder } = stand(60_000);
    await cache.keep(key, answer);
    const path = join(folder, `${key}.json`);
    chmodSync(path, 0o644);
    const open = await cache.find(key);
    chmodSync(path, 0o600);
    symlinkSync(path, join(folder, `${other}.json`));
    const link = await cache.find(other);
    writeFileSync(path, "{ no answer }\n");

    expect([open, link, await cache.find(key)]).toEqual([null, null, null]);
  });

  test("makes a secret of 256 bits once, and anew where others could read it", async () => {
    const { cache, folder } = stand();
    const secret = await cache.secret();
    const again = await cache.secret();
    chmodSync(join(folder, "secret"), 0o644);

    expect(secret).toMatch(/^[\da-f]{64}$/u);
    expect(again).toBe(secret);
    expect(await cache.secret()).not.toBe(secret);
  });

  test("is silent where its folder cannot be written, but has no secret then", async () => {
    const { cache, folder } = stand();
    writeFileSync(folder, "a file");

    await expect(cache.keep(key, answer)).resolves.toBeUndefined();
    await expect(cache.secret()).rejects.toThrow();
    expect(await cache.find(key)).toBeNull();
    expect(await cache.prune()).toBe(0);
  });

  test("refuses a key that could name a path", async () => {
    await expect(stand().cache.find("../secret")).rejects.toThrow(RangeError);
  });
});
