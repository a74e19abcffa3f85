import assert from "node:assert/strict";
import { test } from "node:test";
import { clamp } from "../src/number/clamp.ts";
import { withThousands } from "../src/number/format.ts";
import { range } from "../src/number/range.ts";

test("clamp keeps a number inside", () => {
  assert.equal(clamp(9, 0, 5), 5);
});

test("withThousands marks thousands", () => {
  assert.equal(withThousands(1234567), "1,234,567");
});

test("range leaves its end out", () => {
  assert.deepEqual(range(1, 4), [1, 2, 3]);
});
