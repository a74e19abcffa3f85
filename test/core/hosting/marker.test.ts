import { createHmac, randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  maxMarkerChars,
  readMarker,
  withoutMarkers,
  writeMarker,
} from "../../../src/core/hosting/index.ts";
import type { IssueComment, MarkerOptions, User } from "../../../src/core/hosting/index.ts";

const skein: User = { id: 7, login: "skein[bot]", kind: "bot" };
const mallory: User = { id: 8, login: "skein-bot", kind: "person" };
const unsigned: MarkerOptions = { kind: "review", subject: "acme/shop#12", sign: null };
const signed: MarkerOptions = { ...unsigned, sign: signWith("key") };

describe("writeMarker", () => {
  test("writes one hidden line that readMarker reads back", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (state) => {
        const line = writeMarker(JSON.parse(JSON.stringify(state)), signed);

        expect(line).toMatch(/^<!-- skein:review:v1 [\w-]+ [\w-]+ -->$/u);
        const reading = readMarker([by(skein, `before\n${line}\nafter`)], skein, signed);
        expect(reading).toMatchObject({ kind: "state", state: JSON.parse(JSON.stringify(state)) });
      }),
    );
  });

  test("refuses a state that is too large for a comment", () => {
    expect(() => writeMarker(randomBytes(maxMarkerChars).toString("hex"), unsigned)).toThrow(
      expect.objectContaining({ code: "SKN-1652" }),
    );
  });
});

describe("readMarker", () => {
  const line = writeMarker({ spent: 5 }, signed);

  test("finds nothing where there is none", () => {
    expect(readMarker([by(skein, "hello")], skein, signed)).toEqual({ kind: "absent" });
  });

  test("believes no copy of its own line from another account", () => {
    expect(readMarker([by(mallory, line)], skein, signed)).toEqual({ kind: "foreign" });
  });

  test("believes its own account's oldest marker, whatever others wrote before it", () => {
    const later = writeMarker({ spent: 9 }, signed);

    expect(
      readMarker([by(mallory, later), by(skein, line), by(skein, later)], skein, signed),
    ).toMatchObject({ kind: "state", state: { spent: 5 } });
  });

  test.each([
    ["made with another key", { ...signed, sign: signWith("other") }],
    ["made without a key", unsigned],
    ["made for another conversation", { ...signed, subject: "acme/shop#13" as const }],
  ])("believes no state that was %s", (_what, options) => {
    const other = writeMarker({ spent: 0 }, options);

    expect(readMarker([by(skein, other)], skein, signed)).toEqual({ kind: "foreign" });
  });

  test("believes no state that was edited under its signature", () => {
    const [, text = "", signature = ""] = /v1 (\S+) (\S+)/u.exec(line) ?? [];
    const forged = deflateRawSync('{"spent":0}').toString("base64url");

    expect(text).not.toBe(forged);
    expect(
      readMarker([by(skein, `<!-- skein:review:v1 ${forged} ${signature} -->`)], skein, signed),
    ).toEqual({ kind: "foreign" });
  });

  test("believes the last state in its comment, which stands behind the words of others", () => {
    const forged = writeMarker({ spent: 0 }, unsigned);
    const own = writeMarker({ spent: 5 }, unsigned);

    expect(readMarker([by(skein, `\`${forged}\`\n${own}`)], skein, unsigned)).toMatchObject({
      kind: "state",
      state: { spent: 5 },
    });
  });

  test.each([
    ["in a line of other words", (marker: string) => `Skein does not know \`plan ${marker}\`.`],
    ["quoted", (marker: string) => `> ${marker}`],
    ["with words behind it", (marker: string) => `${marker} thanks`],
  ])("believes no marker %s, though our own account repeats it", (_how, say) => {
    const repeated = say(writeMarker({ spent: 0 }, unsigned));
    const own = writeMarker({ spent: 5 }, unsigned);

    expect(readMarker([by(skein, repeated)], skein, unsigned)).toEqual({ kind: "absent" });
    expect(readMarker([by(skein, repeated), by(skein, own)], skein, unsigned)).toMatchObject({
      kind: "state",
      state: { spent: 5 },
    });
  });

  test("finds the state that it signed behind one that another program of the account repeats", () => {
    const repeated = writeMarker({ spent: 0 }, unsigned);

    expect(readMarker([by(skein, repeated), by(skein, line)], skein, signed)).toMatchObject({
      kind: "state",
      state: { spent: 5 },
    });
  });

  test("tells a state that cannot be read from one that is not there", () => {
    expect(readMarker([by(skein, "<!-- skein:review:v1 e30x - -->")], skein, unsigned)).toEqual({
      kind: "broken",
    });
  });

  test("unpacks no state that would fill the memory", () => {
    const bomb = deflateRawSync("0".repeat(10_000_000)).toString("base64url");

    expect(bomb.length).toBeLessThan(maxMarkerChars);
    expect(readMarker([by(skein, `<!-- skein:review:v1 ${bomb} - -->`)], skein, unsigned)).toEqual({
      kind: "broken",
    });
  });

  test("keeps the state of a plan apart from that of a review", () => {
    expect(readMarker([by(skein, line)], skein, { ...signed, kind: "plan" })).toEqual({
      kind: "absent",
    });
  });
});

describe("withoutMarkers", () => {
  test("leaves only what people see", () => {
    expect(withoutMarkers(`${writeMarker({ a: 1 }, signed)}\nhello`)).toBe("hello");
  });
});

function signWith(key: string): (text: string) => string {
  return (text) => createHmac("sha256", key).update(text).digest("base64url");
}

function by(author: User, body: string): IssueComment {
  return { id: 1, author, body, url: "https://example.org/1", createdAtMs: 0, updatedAtMs: 0 };
}

test("what only begins as a marker takes nothing along", () => {
  const begun = "<!-- skein:a:v1 x <!-- skein:plan:v1 ";
  expect(withoutMarkers(`${begun}abc - -->\nrest`)).toBe("<!-- skein:a:v1 x rest");
});
