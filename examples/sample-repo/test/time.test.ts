import assert from "node:assert/strict";
import { test } from "node:test";
import { duration } from "../src/time/duration.ts";
import { isoDay } from "../src/time/iso.ts";

test("duration leaves empty units out", () => {
  assert.equal(duration(3605), "1h 5s");
});

test("isoDay gives the day", () => {
  assert.equal(isoDay(new Date(0)), "1970-01-01");
});
