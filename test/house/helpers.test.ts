import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { filesBelow, root } from "../../scripts/run.ts";

const files = filesBelow(join(root, "test")).filter((path) => path.endsWith(".ts"));
const helpers = files.filter((path) => !path.endsWith(".test.ts"));

describe("the tests' helpers", () => {
  // Unit tests share loaded modules: a hook that a helper registers as it is loaded runs in the first file alone that needs it.
  test("register no hooks as they are loaded", () => {
    const registering = helpers.filter((path) =>
      /^(?:before|after)(?:Each|All)\(/mu.test(readFileSync(join(root, "test", path), "utf8")),
    );

    expect(helpers.length).toBeGreaterThan(50);
    expect(registering).toEqual([]);
  });
});

describe("the tests", () => {
  // The object that takes its place is no environment: what a later file sets in it, the system and Node itself (`tmpdir`) do not see.
  test("leave the process's environment where it is", () => {
    const replacing = files.filter((path) =>
      /process\.env\s*=[^=]/u.test(readFileSync(join(root, "test", path), "utf8")),
    );

    expect(files.length).toBeGreaterThan(500);
    expect(replacing).toEqual([]);
  });
});
