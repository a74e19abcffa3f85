import assert from "node:assert/strict";
import { test } from "node:test";
import { add } from "../src/money/amount.ts";
import { split } from "../src/money/split.ts";

test("add refuses two currencies", () => {
  assert.throws(() => add({ cents: 1, currency: "EUR" }, { cents: 1, currency: "CHF" }));
});

test("split loses no cent", () => {
  assert.deepEqual(split(100, 3), [34, 33, 33]);
});
