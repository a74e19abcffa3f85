import { expect, test } from "vitest";
import { patternSpans } from "../../../src/adapters/secrets/patterns.ts";
import { leastCpuMs } from "../../support/cpu-time.ts";
import { mintText } from "../../../src/core/access/token.ts";
import { createSeededRandom } from "../../support/virtual-time.ts";

test("knows a token of Skein's own wherever it stands, and no name that begins alike", () => {
  const text = mintText({ project: "loom/shed", id: "t12" }, createSeededRandom(9));
  const line = `SKEIN_TOKEN=${text}, and skein_store_up 1, skein_loom_t1_short`;

  const kinds = patternSpans(line).map(({ kind, start, end }) => [kind, line.slice(start, end)]);

  expect(kinds).toContainEqual(["skein-token", text]);
  expect(kinds.filter(([kind]) => kind === "skein-token")).toHaveLength(1);
});

const jwt = `eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.${"c".repeat(43)}`;

test.each([
  ["alone", jwt, jwt],
  ["behind a sign", `token=${jwt};`, jwt],
  ["behind a word that goes on", `x-eyJ-${jwt}`, `eyJ-${jwt}`],
  ["behind a letter", `x${jwt}`, null],
  ["with a head that is too short", "eyJab.eyJabcdefghijkl.abcdefghijkl", null],
])("finds a JSON Web Token %s", (_, text, token) => {
  const spans = patternSpans(text).filter(({ kind }) => kind === "json-web-token");

  expect(spans.map(({ start, end }) => text.slice(start, end))).toEqual(
    token === null ? [] : [token],
  );
});

test.each(["-eyJ", "eyJaaaaaaaaaa.", ".eyJaaaaaaaaaa", `${"-eyJ".repeat(500)}${jwt}`])(
  "reads 300,000 characters of beginnings of tokens in little time: %#",
  (part) => {
    const text = part.repeat(Math.ceil(300_000 / part.length));

    expect(leastCpuMs(() => patternSpans(text))).toBeLessThan(400);
  },
);
