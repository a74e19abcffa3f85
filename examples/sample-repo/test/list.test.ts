import assert from "node:assert/strict";
import { test } from "node:test";
import { chunk } from "../src/list/chunk.ts";
import { unique } from "../src/list/unique.ts";
import { zip } from "../src/list/zip.ts";

test("chunk leaves the rest in the last list", () => {
  assert.deepEqual(chunk([1, 2, 3], 2), [[1, 2], [3]]);
});

test("unique keeps the first", () => {
  assert.deepEqual(unique([2, 1, 2]), [2, 1]);
});

test("zip stops with the shorter list", () => {
  assert.deepEqual(zip([1, 2], ["a"]), [[1, "a"]]);
});
