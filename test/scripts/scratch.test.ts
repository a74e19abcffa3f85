import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createScratch, makeIn } from "../../scripts/scratch.ts";

let place = "";

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "skein-scratch-"));
});

afterEach(() => {
  rmSync(place, { recursive: true, force: true });
});

describe("makeIn", () => {
  test("makes an empty folder where there is room and programs run", () => {
    const folder = makeIn(place, 1);

    expect(folder).not.toBeNull();
    expect(dirname(folder ?? "")).toBe(place);
    expect(readdirSync(folder ?? "")).toEqual([]);
  });

  test("makes none where there is too little room, or no such place", () => {
    expect(makeIn(place, Number.MAX_VALUE)).toBeNull();
    expect(makeIn(join(place, "nowhere"), 1)).toBeNull();
    expect(readdirSync(place)).toEqual([]);
  });

  test("makes none where no file can be made", () => {
    expect(makeIn("/proc", 0)).toBeNull();
  });
});

describe("createScratch", () => {
  test("goes where TMPDIR says, with a part that any user's server may write to", () => {
    vi.stubEnv("TMPDIR", place);

    const { folder, temporary } = createScratch();

    expect(dirname(folder)).toBe(place);
    expect(statSync(folder).mode & 0o7777).toBe(0o711);
    expect(statSync(temporary).mode & 0o7777).toBe(0o1777);
  });

  test("leaves no program behind where it goes by itself", () => {
    vi.stubEnv("TMPDIR", undefined);

    const { folder, temporary } = createScratch();

    expect(readdirSync(folder)).toEqual(["t"]);
    expect(existsSync(temporary)).toBe(true);
    rmSync(folder, { recursive: true });
  });
});
