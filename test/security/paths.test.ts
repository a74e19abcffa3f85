import { describe, expect, test } from "vitest";
import { SkeinError } from "../../src/core/base/errors.ts";
import {
  literalPrefix,
  parsePathPattern,
  patternText,
  patternsIntersect,
} from "../../src/core/leases/index.ts";
import type { PathPattern } from "../../src/core/leases/index.ts";
import { createDice } from "../support/glob-oracle.ts";
import { because, createLeaseStand, leaseMigrations } from "../support/leases.ts";
import { openMemoryStore } from "../support/stores.ts";
import { leastCpuMs } from "../support/cpu-time.ts";

const policy = { caseInsensitive: false };
const fuzzed = Number(process.env["SKEIN_PROOF_FUZZ"] ?? 100_000);

describe("T20: path tricks", () => {
  test.each([
    ["nothing", "", "SKN-1501"],
    ["more than 1 KB", "a/".repeat(513), "SKN-1501"],
    ["more than 1 KB in bytes", "é".repeat(513), "SKN-1501"],
    ["what grows past 1 KB in NFC", "\u0958".repeat(300), "SKN-1501"],
    ["an absolute path", "/etc/passwd", "SKN-1502"],
    ["a network path", "//server/share", "SKN-1502"],
    ["the parent", "..", "SKN-1502"],
    ["the parent inside", "src/../../x", "SKN-1502"],
    ["the parent behind a dot", "./../x", "SKN-1502"],
    ["the parent in an alternative", "{a,b/../..}/x", "SKN-1502"],
    ["the home directory", "~/x", "SKN-1502"],
    ["a drive", "C:/x", "SKN-1502"],
    ["a drive's own directory", "c:x", "SKN-1502"],
    ["a backslash", "src\\x", "SKN-1502"],
    ["NUL", "src/\0", "SKN-1503"],
    ["a line break", "src/a\nb", "SKN-1503"],
    ["an escape sequence", "src/\u001b[2J", "SKN-1503"],
    ["a lone surrogate", "src/\ud800", "SKN-1503"],
    ["a zero-width space", "src/a\u200b.ts", "SKN-1503"],
    ["a direction override", "src/\u202etxt.exe", "SKN-1503"],
    ["a tag character", "src/a\u{e0041}", "SKN-1503"],
    ["git's folder", ".git/config", "SKN-1504"],
    ["git's folder in capitals", "sub/.GIT/hooks/x", "SKN-1504"],
    ["git's folder with a dot behind", ".git./config", "SKN-1504"],
    ["git's folder by its short name", "GIT~1/config", "SKN-1504"],
    ["git's folder in an alternative", "{.git,src}/x", "SKN-1504"],
    ["git's folder under a glob", ".git/**", "SKN-1504"],
    ["a device", "nul", "SKN-1504"],
    ["a device in capitals", "src/COM1/x", "SKN-1504"],
    ["the console", "CONIN$", "SKN-1504"],
    ["a device with its colon", "src/nul:", "SKN-1504"],
    ["a name that ends in a dot", "src/a.ts.", "SKN-1504"],
    ["a name that ends in a space", "src/a.ts ", "SKN-1504"],
    ["a stream", "src/a.ts::$DATA", "SKN-1504"],
    ["a negation", "!src/**", "SKN-1507"],
  ])("refuses %s", (...[, path, code]) => {
    const refusal = refusalOf(path);

    expect(refusal).toMatchObject({ code, kind: "usage" });
    expect(refusal?.fix).not.toBe("");
    expect(refusal?.message).not.toMatch(/[\p{Cc}\u202e\u200b]/u);
  });

  test("refuses git's folder hidden behind an ignorable character", () => {
    expect(refusalOf(".g\u200cit/config")).toMatchObject({ code: "SKN-1503" });
  });

  test(`either refuses or normalises each of ${String(fuzzed)} random texts`, () => {
    const dice = createDice(20);
    const wrong: string[] = [];
    let accepted = 0;
    for (let count = 0; count < fuzzed; count += 1) {
      const text = randomText(dice);
      const pattern = parseOrNull(text);
      if (pattern !== null) {
        accepted += 1;
        if (!isSound(pattern)) {
          wrong.push(JSON.stringify(text));
        }
      }
    }

    expect(wrong.slice(0, 5)).toEqual([]);
    expect(accepted).toBeGreaterThan(fuzzed / 50);
    expect(accepted).toBeLessThan(fuzzed * 0.9);
  });
});

describe("T2: paths", () => {
  test.each([
    "../x",
    "/etc/passwd",
    "..",
    "a/../../x",
    "C:/x",
    "~/.ssh/id_rsa",
    "/proc/self/environ",
  ])("takes %j neither as a pattern nor as an alternative", (path) => {
    expect(refusalOf(path)).toMatchObject({ code: "SKN-1502" });
    expect(refusalOf(`{src,${path}}`)).not.toBeNull();
  });
});

describe("T25: attacks on patterns and statements", () => {
  test.each([
    ["a megabyte of stars", "*".repeat(1_000_000)],
    ["a megabyte of braces", "{a,b}".repeat(200_000)],
    ["a megabyte of open braces", "{".repeat(1_000_000)],
    ["a megabyte of brackets", "[".repeat(1_000_000)],
    ["a megabyte of slashes", "/".repeat(1_000_000)],
  ])("refuses %s within 50 ms of work", (_, text) => {
    expect(refusalOf(text)?.code).toBe("SKN-1501");
    expect(leastCpuMs(() => refusalOf(text))).toBeLessThan(50);
  });

  test.each([
    ["stars between letters", "*a".repeat(500), "*b".repeat(500)],
    ["stars before one letter", `${"*".repeat(500)}a`, `${"a*".repeat(500)}b`],
    ["many double stars", `${"**/a/".repeat(200)}x`, `${"**/b/".repeat(200)}y`],
    [
      "alternatives",
      `${"{a,b}".repeat(6)}${"*a".repeat(10)}`,
      `${"{a,b}".repeat(6)}${"*b".repeat(10)}`,
    ],
    [
      "nested alternatives",
      `${"{a,".repeat(60)}b${"}".repeat(60)}*`,
      `*${"{b,".repeat(60)}a${"}".repeat(60)}`,
    ],
    ["classes", "[a-z]*".repeat(160), "[!a-y]*".repeat(140)],
  ])("decides two patterns of %s in well under a second", (...[, one, other]) => {
    const decide = (): boolean =>
      patternsIntersect(parsePathPattern(one), parsePathPattern(other), policy);

    expect(leastCpuMs(decide)).toBeLessThan(1_000);
  });

  test("keeps what looks like a statement or a prototype as data", async () => {
    const { store } = await openMemoryStore({ migrations: leaseMigrations });
    const { ask, join, leases, write } = createLeaseStand(store);
    join("s1");
    join("s2");
    const names = [
      "a'; DROP TABLE leases; --",
      '"',
      "__proto__",
      "constructor",
      "a%_b",
      "a;b",
      "$1",
      "?1",
    ];

    const kinds = [];
    for (const name of names) {
      const patterns = [{ kind: "literal", text: `src/${name}` }] as const;
      kinds.push((await ask("s1", "x", { patterns, reason: name })).kind);
      kinds.push((await ask("s2", "x", { patterns })).kind);
    }
    await write(async (tx) =>
      leases.release(
        tx,
        { kind: "session", session: "s1" },
        { ...because, reason: "'); DELETE FROM events; --" },
      ),
    );

    expect(kinds).toEqual(names.flatMap(() => ["granted", "refused"]));
    expect(await write(async (tx) => leases.list(tx))).toEqual([]);
    expect(await write(async (tx) => leases.history(tx, { after: null, limit: 99 }))).toHaveLength(
      names.length,
    );
  });
});

function refusalOf(path: string): SkeinError | null {
  try {
    parsePathPattern(path);
    return null;
  } catch (error) {
    if (error instanceof SkeinError) {
      return error;
    }
    throw error;
  }
}

/** The pattern, or null for a proper refusal; anything else that is thrown is a bug and fails the test. */
function parseOrNull(text: string): PathPattern | null {
  return refusalOf(text) === null ? parsePathPattern(text) : null;
}

/** Parsing again changes nothing, the prefix stays inside, and the text holds nothing that was to be refused. */
function isSound(pattern: PathPattern): boolean {
  const again = parsePathPattern(patternText(pattern));
  const segments = pattern.text.split("/");
  return (
    again.kind === pattern.kind &&
    again.text === pattern.text &&
    pattern.text === pattern.text.normalize("NFC") &&
    !pattern.text.startsWith("/") &&
    !segments.includes("..") &&
    !segments.some((segment) => segment.toLowerCase() === ".git") &&
    !/[\\\0]/u.test(pattern.text) &&
    !literalPrefix(pattern).split("/").includes("..")
  );
}

const pieces = [
  "a",
  "b",
  "src",
  "/",
  "/",
  "/",
  "//",
  ".",
  "..",
  "./",
  "*",
  "**",
  "?",
  "[",
  "]",
  "[a-z]",
  "[!a]",
  "{",
  "}",
  ",",
  "{a,b}",
  ".git",
  "nul",
  "é",
  "e\u0301",
  "\u0958",
  "\u{1f600}",
  "\ud83d",
  "\0",
  "\n",
  "\\",
  "~",
  "C:",
  "!",
  " ",
  "$",
  ":",
  "-",
  "\u200b",
  "\u212a",
];

function randomText(dice: (sides: number) => number): string {
  return Array.from({ length: 1 + dice(7) }, () => pieces[dice(pieces.length)] ?? "a").join("");
}
