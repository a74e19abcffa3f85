import assert from "node:assert/strict";
import { test } from "node:test";
import { capitalize } from "../src/text/case.ts";
import { slug } from "../src/text/slug.ts";
import { wrap } from "../src/text/wrap.ts";

test("capitalize raises the first letter", () => {
  assert.equal(capitalize("ink"), "Ink");
});

test("slug keeps letters and digits", () => {
  assert.equal(slug("Ink, 2 wells!"), "ink-2-wells");
});

test("wrap breaks between words", () => {
  assert.deepEqual(wrap("a bb ccc", 4), ["a bb", "ccc"]);
});
