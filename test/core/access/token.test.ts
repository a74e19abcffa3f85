import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTokenText, stateOf } from "../../../src/core/access/index.ts";
import type { Token } from "../../../src/core/access/index.ts";
import { mintText } from "../../../src/core/access/token.ts";
import { createSeededRandom } from "../../support/virtual-time.ts";

const random = createSeededRandom();

describe("mintText", () => {
  test("names project and id, and ends with 256 random bits", () => {
    const text = mintText({ project: "loom/shed_1", id: "t3" }, random);

    expect(text).toMatch(/^skein_loom~2fshed~5f1_t3_[0-9a-hjkmnp-tv-z]{52}$/u);
    expect(mintText({ project: "loom/shed_1", id: "t3" }, random)).not.toBe(text);
  });

  test("is read back for every name of a project", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" }), (project) => {
        const text = mintText({ project, id: "t12" }, random);

        expect(text).toMatch(/^[\w.~-]+$/u);
        expect(parseTokenText(text)).toEqual({ project, id: "t12" });
      }),
    );
  });
});

describe("parseTokenText", () => {
  const good = mintText({ project: "a_b", id: "t1" }, random);

  test.each([
    ["nothing", ""],
    ["another's token", "ghp_0123456789"],
    ["one cut short", good.slice(0, -1)],
    ["one with more behind it", `${good}0`],
    ["capital letters", good.toUpperCase()],
    ["an id of zero", good.replace("_t1_", "_t0_")],
    ["a project written in another way", good.replace("a~5fb", "~61~5fb")],
    ["a project that is no text", good.replace("a~5fb", "~ff")],
    ["a line end", `${good}\n`],
    ["two megabytes", `skein_${"a".repeat(2_000_000)}`],
  ])("takes %s for no token", (_, text) => {
    expect(parseTokenText(text)).toBe(null);
  });
});

describe("stateOf", () => {
  const token: Token = {
    id: "t1",
    name: "ada",
    role: "agent",
    madeBy: "person:eve",
    madeAtMs: 0,
    expiresAtMs: 1_000,
    revokedAtMs: null,
    lastUsedAtMs: null,
    isVoid: false,
  };

  test("ends a token at the very millisecond of its end", () => {
    expect(stateOf(token, 999)).toBe("good");
    expect(stateOf(token, 1_000)).toBe("expired");
    expect(stateOf({ ...token, revokedAtMs: 5 }, 10)).toBe("revoked");
    expect(stateOf({ ...token, isVoid: true }, 10)).toBe("void");
  });
});
