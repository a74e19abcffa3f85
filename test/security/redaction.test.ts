import { describe, expect, test } from "vitest";
import { createRedactor, secretsOfEnvironment } from "../../src/adapters/secrets/index.ts";
import { createCleanHunks } from "../support/clean-hunks.ts";
import { createRandom } from "../support/planted-random.ts";
import type { Random } from "../support/planted-random.ts";
import { providerKinds } from "../support/planted-secrets.ts";
import { proofRun } from "../support/proof.ts";

const run = proofRun("T9", 510);
const noneKnown = { known: () => [] };

/** A hunk with the lines somewhere in it, each as an added line. */
function planted(random: Random, hunk: string, lines: string): string {
  const rows = hunk.split("\n");
  rows.splice(random.number(rows.length), 0, ...lines.split("\n").map((line) => `+${line}`));
  return rows.join("\n");
}

describe("T9: secrets do not leave for a model", () => {
  test("at least 99 of 100 secrets in the formats of 33 providers are taken out", async () => {
    const random = createRandom(run.seed);
    const hunks = createCleanHunks(random);
    const redactor = createRedactor(noneKnown);
    const kinds = Object.entries(providerKinds);
    const missed: string[] = [];

    for (let index = 0; index < run.count; index += 1) {
      const [kind, make] = kinds[index % kinds.length] ?? random.pick(kinds);
      const { value, line } = make(random);
      const text = planted(random, hunks.own(), line);
      const redacted = await redactor.redact(text);
      if (redacted.text.includes(value) || redacted.found.length === 0) {
        missed.push(kind);
      }
      expect(redacted.text.split("\n")).toHaveLength(text.split("\n").length);
    }

    expect(kinds).toHaveLength(33);
    expect(missed.length / run.count, missed.join(", ")).toBeLessThanOrEqual(0.01);
  });

  test("every known value is taken out, however it is written", async () => {
    const random = createRandom(run.seed);
    const hunks = createCleanHunks(random);
    const values = Array.from({ length: 20 }, (_, index) => knownValue(random, index));
    const redactor = createRedactor({ known: () => values });
    const missed: string[] = [];

    for (const value of values) {
      for (const [way, write] of Object.entries(ways)) {
        const written = write(value, random);
        const text = planted(random, hunks.own(), `const it = ${written};`);
        const { text: redacted } = await redactor.redact(text);
        if (redacted.includes(written) || !redacted.includes("[redacted:known-value]")) {
          missed.push(`${way} of ${value}`);
        }
      }
    }

    expect(missed).toEqual([]);
  });

  test("at most one of 100 clean hunks is altered", async () => {
    const random = createRandom(run.seed);
    const hunks = createCleanHunks(random);
    const redactor = createRedactor({
      known: () => Array.from({ length: 10 }, (_, index) => knownValue(random, index)),
    });
    const clean = Array.from({ length: 2 * run.count }, (_, index) =>
      index % 2 === 0 ? hunks.own() : hunks.made(),
    );

    const altered: string[] = [];
    for (const hunk of clean) {
      const { text } = await redactor.redact(hunk);
      if (text !== hunk) {
        altered.push(firstDifference(hunk, text));
      }
    }

    expect(altered.length / clean.length, altered.join("\n")).toBeLessThanOrEqual(0.01);
  });

  test("no comment in the text turns the search off", async () => {
    const random = createRandom(run.seed);
    const redactor = createRedactor(noneKnown);

    for (const [kind, make] of Object.entries(providerKinds)) {
      const { value, line } = make(random);
      const text = `// secretlint-disable\n/* eslint-disable */ // secretlint-disable-next-line\n${line} // secretlint-disable-line`;

      const redacted = await redactor.redact(text);

      expect(redacted.text.includes(value), kind).toBe(false);
    }
  });

  test("garbage of any kind ends in a text with as many lines", async () => {
    const random = createRandom(run.seed);
    const redactor = createRedactor({ known: () => ["a1b2c3d4e5f6", "-----BEGIN"] });
    const seeds = [
      "xoxb-",
      "://a:",
      "eyJ",
      "-----BEGIN PRIVATE KEY-----",
      'token: "',
      "\u{D800}",
      "1 | ",
      "sk-",
      "\r\n",
      "\0",
      "AKIA",
      "a1b2c3d4",
      "🐟",
    ];
    const texts = [
      ...Array.from({ length: 200 }, () =>
        Array.from({ length: 40 }, () => random.pick(seeds)).join(random.pick(["", "\n", " "])),
      ),
      ...seeds.map((seed) => seed.repeat(50_000)),
    ];

    for (const text of texts) {
      const redacted = await redactor.redact(text);
      expect(redacted.text.split("\n")).toHaveLength(text.split("\n").length);
    }
  });
});

describe("createRedactor", () => {
  const token = ["gh", "p_", "a1B2".repeat(9)].join("");

  test("names what it took out and how often", async () => {
    const { text, found } = await createRedactor(noneKnown).redact(`a ${token}\nb ${token} c`);

    expect(text).toBe("a [redacted:github-token]\nb [redacted:github-token] c");
    expect(found).toEqual([{ kind: "github-token", count: 2 }]);
  });

  test("leaves a text without secrets as it is", async () => {
    const redacted = await createRedactor(noneKnown).redact("const a = 1;\n");

    expect(redacted).toEqual({ text: "const a = 1;\n", found: [] });
  });

  test("takes out the rest of a private key whose other end a hunk cut off", async () => {
    const rows = Array.from(
      { length: 4 },
      (_, index) => `+${"MIIEvQIB".repeat(8)}${String(index)}A`,
    );
    const redactor = createRedactor(noneKnown);

    const below = await redactor.redact([keyBorder("BEGIN"), ...rows, " const a = 1;"].join("\n"));
    const above = await redactor.redact([" const a = 1;", ...rows, keyBorder("END")].join("\n"));

    for (const { text, found } of [below, above]) {
      expect(text).not.toContain("MIIEvQIB");
      expect(text).toContain(" const a = 1;");
      expect(found).toEqual([{ kind: "private-key", count: 1 }]);
    }
  });

  test("follows the known values as they come", async () => {
    const known: string[] = [];
    const redactor = createRedactor({ known: () => known });
    const text = "the word correct-horse-7 here";

    const before = await redactor.redact(text);
    known.push("correct-horse-7");
    const after = await redactor.redact(text);

    expect(before.text).toBe(text);
    expect(after.text).toBe("the word [redacted:known-value] here");
  });

  test("rejects where the known values cannot be told", async () => {
    const redactor = createRedactor({
      known: () => {
        throw new Error("locked");
      },
    });

    await expect(redactor.redact("a")).rejects.toThrow("locked");
  });
});

describe("a key of a provider that nobody knows", () => {
  const token = ["gh", "p_", "a1B2".repeat(9)].join("");
  const wrapped = {
    base64: Buffer.from(token).toString("base64"),
    base64url: Buffer.from(`x-access-token:${token}`).toString("base64url"),
    "base64 behind a path": `lib/a/${Buffer.from(token).toString("base64")}`,
    "base64 of utf-16": Buffer.from(token, "utf16le").toString("base64"),
    "url of one byte, twice": token.replace("_", "%255F"),
    "url of every byte": bytesOf(token, "%").join(""),
    "url of every byte, twice": bytesOf(token, "%25").join(""),
    "an address behind an escape": `https%3A%2F%2Fexample.org%2F${token}`,
    "a literal": bytesOf(token, String.raw`\x`).join(""),
  };

  test.each(Object.entries(wrapped))("is taken out of %s", async (_, written) => {
    const { text, found } = await createRedactor(noneKnown).redact(`one\nlet it = "${written}";\n`);

    expect(text).toMatch(/^one\nlet it = "[^"]*\[redacted:github-token\]";\n$/u);
    expect(found).toEqual([{ kind: "github-token", count: 1 }]);
  });

  test.each([
    Buffer.from("a picture of a ghp_ in the sky, and of an sk-ant-eater").toString("base64"),
    "https://example.org/?q=100%25%20of%20ghp_%20and%20sk-%5F",
    String.raw`"\x67\x68\x70\x5f is how they begin"`,
  ])("is not seen in %s", async (text) => {
    expect((await createRedactor(noneKnown).redact(text)).text).toBe(text);
  });
});

describe("secretsOfEnvironment", () => {
  test("takes the values of variables that are named as secrets and are no shorter than 8", () => {
    const env = {
      SOME_API_KEY: " abcdefgh ",
      some_token: "ijklmnop",
      DB_PASSWORD: "qrstuvwx",
      CLIENT_SECRET: "short",
      PATH: "/usr/bin:/bin",
      KEYBOARD: "qwertzuiop",
    };

    expect(secretsOfEnvironment(env)).toEqual(["abcdefgh", "ijklmnop", "qrstuvwx"]);
  });
});

function keyBorder(side: string): string {
  return `+-----${side} ${["PRIVATE", "KEY"].join(" ")}-----`;
}

function knownValue(random: Random, index: number): string {
  const letters = "ABCDEFGHijklmnopqrstuvwxyz0123456789";
  const withSigns = `${letters}-_.+/=!$&`;
  return index % 2 === 0
    ? random.text(letters, 10 + index)
    : `${random.text(letters, 8)}${random.text(withSigns, 8 + index)}`;
}

const ways: Readonly<Record<string, (value: string, random: Random) => string>> = {
  plain: (value) => `"${value}"`,
  base64: (value) => Buffer.from(value).toString("base64"),
  base64url: (value) => Buffer.from(value).toString("base64url"),
  "base64 of more": (value, random) =>
    Buffer.from(`${random.text("abc:", 1 + random.number(5))}${value}@host`).toString("base64"),
  hex: (value) => Buffer.from(value).toString("hex"),
  "hex of bytes in a literal": (value) => bytesOf(value, String.raw`\x`).join(""),
  "hex of bytes in a list": (value) => `[${bytesOf(value, "0x").join(", ")}]`,
  "hex of characters": (value) => bytesOf(value, String.raw`\u00`).join(""),
  "upper hex": (value) => Buffer.from(value).toString("hex").toUpperCase(),
  url: (value) => encodeURIComponent(value),
  "url of every byte": (value) => bytesOf(value, "%").join(""),
  "url of every byte, twice": (value) => bytesOf(value, "%25").join(""),
  "url of every byte, four times": (value) => bytesOf(value, "%252525").join(""),
  "url of one byte": (value) => escapedAtHalf(value, (hex) => `%${hex}`),
  "url of one byte, twice": (value) => escapedAtHalf(value, (hex) => `%25${hex.toUpperCase()}`),
  "a literal with one escape": (value) => escapedAtHalf(value, (hex) => String.raw`\x${hex}`),
  "a text of JSON with one escape": (value) =>
    escapedAtHalf(value, (hex) => String.raw`\u00${hex}`),
  "a text of JavaScript with one escape": (value) =>
    escapedAtHalf(value, (hex) => String.raw`\u{${hex}}`),
  "a page with one character by number": (value) =>
    escapedAtHalf(value, (hex) => `&#${String(Number.parseInt(hex, 16))};`),
  "a page with one character by hex": (value) => escapedAtHalf(value, (hex) => `&#x${hex};`),
  "utf-16": (value) => Buffer.from(value, "utf16le").toString("latin1"),
  "base64 of utf-16": (value) => Buffer.from(value, "utf16le").toString("base64"),
  "base64 of utf-16, the other way round": (value) =>
    Buffer.from(value, "utf16le").swap16().toString("base64"),
  "hex of utf-16": (value) => Buffer.from(value, "utf16le").toString("hex"),
  "hex of utf-16, the other way round": (value) =>
    Buffer.from(value, "utf16le").swap16().toString("hex"),
  reversed: (value) => Array.from(value).toReversed().join(""),
  "over a line break": (value, random) => broken(value, random, "\n+"),
  "over a break of a literal": (value, random) => broken(value, random, '" +\n+    "'),
  "over numbered lines": (value, random) => {
    const [first = "", second = ""] = broken(value, random, "\n").split("\n");
    return `x\n  12 | +${first}\n  13 | +${second}`;
  },
  "without its first": (value) => value.slice(1),
  "without its last": (value) => value.slice(0, -1),
  "in base64 lines": (value) =>
    Buffer.from(value)
      .toString("base64")
      .match(/.{1,8}/gu)
      ?.join("\n+") ?? "",
};

function bytesOf(value: string, mark: string): readonly string[] {
  return Array.from(Buffer.from(value), (byte) => mark + byte.toString(16).padStart(2, "0"));
}

/** With the byte in the middle written otherwise, so that neither half is long enough to give it away. */
function escapedAtHalf(value: string, write: (hex: string) => string): string {
  const half = Math.floor(value.length / 2);
  const hex = Buffer.from(value.charAt(half)).toString("hex");
  return value.slice(0, half) + write(hex) + value.slice(half + 1);
}

function broken(value: string, random: Random, by: string): string {
  const at = 1 + random.number(value.length - 1);
  return value.slice(0, at) + by + value.slice(at);
}

function firstDifference(one: string, other: string): string {
  const others = other.split("\n");
  return one.split("\n").find((line, index) => line !== others[index]) ?? "";
}
