import { describe, expect, test } from "vitest";
import {
  decideChanged,
  readSnapshot,
  snapshotText,
} from "../../../src/mcp/hooks/dirty-snapshot.ts";
import type { DirtyFile } from "../../../src/mcp/hooks/dirty-snapshot.ts";

/** A file that was written long before the look at it. */
function aFile(odd: Partial<DirtyFile> & { readonly text?: string } = {}): DirtyFile {
  const { text = "a", ...rest } = odd;
  return {
    path: "src/a.ts",
    mtimeMs: 5_000,
    size: 1,
    touchedAtMs: 5_000,
    lookedAtMs: 60_000,
    contentHash: () => `hash of ${text}`,
    ...rest,
  };
}

function gone(odd: Partial<DirtyFile> = {}): DirtyFile {
  return aFile({ mtimeMs: null, size: null, contentHash: () => null, ...odd });
}

function refuse(): never {
  throw new Error("was read");
}

function changedSince(before: readonly DirtyFile[], now: readonly DirtyFile[]): readonly string[] {
  return decideChanged(readSnapshot(snapshotText(before)), now, null);
}

describe("a look after another", () => {
  test.each([
    ["another time", aFile({ mtimeMs: 5_001, touchedAtMs: 5_001 })],
    ["another size", aFile({ size: 2 })],
    ["been moved there, as old and as long as what was there", aFile({ touchedAtMs: 70_000 })],
    ["gone", gone()],
  ])("sees what has %s", (_, after) => {
    expect(changedSince([aFile()], [after])).toEqual(["src/a.ts"]);
  });

  test("sees what became dirty, and nothing in what stayed as it was", () => {
    expect(changedSince([], [aFile()])).toEqual(["src/a.ts"]);
    expect(changedSince([aFile()], [aFile({ lookedAtMs: 61_000 })])).toEqual([]);
    expect(changedSince([gone()], [gone({ touchedAtMs: 70_000 })])).toEqual([]);
  });

  test("compares the text of what was written within a tick of the look before", () => {
    const racy = aFile({ lookedAtMs: 5_004 });

    expect(changedSince([racy], [aFile({ text: "b" })])).toEqual(["src/a.ts"]);
    expect(changedSince([racy], [aFile()])).toEqual([]);
  });

  test("reads no text of what was written sooner", () => {
    const unread = aFile({ contentHash: refuse });

    expect(changedSince([unread], [unread])).toEqual([]);
  });
});

describe("a first look", () => {
  test("sees what was touched after the session began, or within a tick of the file system's clock before", () => {
    const [after, within, before] = [10_001, 9_990.5, 9_980].map((touchedAtMs) => [
      aFile({ touchedAtMs }),
    ]);

    expect(decideChanged(null, after ?? [], 10_000)).toEqual(["src/a.ts"]);
    expect(decideChanged(null, within ?? [], 10_000)).toEqual(["src/a.ts"]);
    expect(decideChanged(null, before ?? [], 10_000)).toEqual([]);
    expect(decideChanged(null, after ?? [], null)).toEqual([]);
  });

  test.each(["", "{", "{}", '[["src/a.ts","5000 1"]]', '[["src/a.ts","5000 1 5000",7]]'])(
    "is what follows a snapshot that cannot be read: %s",
    (text) => {
      expect(readSnapshot(text)).toBeNull();
    },
  );
});
