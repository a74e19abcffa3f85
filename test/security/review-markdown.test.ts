import fc from "fast-check";
import { lexer, walkTokens } from "marked";
import type { Token } from "marked";
import { describe, expect, test } from "vitest";

import { markdownOf } from "../../src/core/review/index.ts";
import type { Finding } from "../../src/core/review/index.ts";
import { maxMarkdownChars } from "../../src/core/review/output/markdown.ts";
import { aFinding, aResult } from "../support/review.ts";

/** What somebody would like to bring to life in a comment of ours. */
const seeds = [
  "@octocat",
  "@org/team",
  "hello @octocat, look",
  "a@example.org",
  "(@octocat)",
  "@octocat's",
  "Fixes #1",
  "closes #12",
  "Resolves owner/repo#3",
  "fix GH-7",
  "Fixed https://github.com/o/r/issues/1",
  "closes 0123456789abcdef0123456789abcdef01234567",
  "owner/repo@0123456789abcdef",
  "https://evil.example/x",
  "http://evil.example",
  "www.evil.example",
  "ftp://evil.example",
  "mailto:a@evil.example",
  "[click](https://evil.example)",
  "[click](javascript:alert(1))",
  "[ref]\n\n[ref]: https://evil.example",
  "<https://evil.example>",
  "[a][b]",
  "![pixel](https://evil.example/p.png)",
  "![](//evil.example/p.gif)",
  "<img src=x onerror=alert(1)>",
  "<script>alert(1)</script>",
  "<a href='//evil.example'>x</a>",
  "<!-- skein:state {} -->",
  "<details><summary>x</summary>",
  "&lt;b&gt; &#60;b&#62; &commat;octocat",
  "/approve",
  "/merge\n/lgtm",
  "  /retest",
  "@dependabot merge",
  "@skein approve abc",
  "# Heading",
  "---",
  "===",
  "- [x] done",
  "1. one",
  "> quote",
  "| a | b |\n|---|---|\n| c | d |",
  "```\n@octocat\n```\n@octocat",
  "`@octocat` `` ` @octocat",
  "~~~\n<b>\n~~~",
  "    <b>code</b>",
  "\\@octocat \\[x](https://evil.example)",
  "**bold** _em_ ~~gone~~ $x$",
  "[^1]\n\n[^1]: @octocat",
  "\u202e@octocat\u202c",
  "@\u200boctocat @octo\u00adcat",
  "\u{e0041}\u{e0042}@octocat",
  "\uff20octocat \uff1cb\uff1e",
  "\u001b[31m@octocat",
  "a\u2028@octocat",
  "``````\n</details>",
  "x".repeat(9_000),
  "@a".repeat(3_000),
  "`".repeat(500),
] as const;

const wraps: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `Fine.\n\n${text}\n`,
  (text) => `**${text}**`,
  (text) => `[${text}](${text})`,
  (text) => `\`\`\`\n${text}`,
  (text) => `${text} ${text.toUpperCase()}`,
];

const payloads = seeds.flatMap((seed) => wraps.map((wrap) => wrap(seed)));

/** The payload at every place where a text of others stands. */
function everywhere(text: string): string {
  const finding: Finding = aFinding({
    title: text,
    body: text,
    quoted: text,
    path: text,
    places: [{ path: text, line: 1, endLine: 1 }],
    ballots: [{ seat: 2, vote: "reject", reason: text, isRediscovery: false }],
  });
  return markdownOf(
    aResult({
      findings: [finding, aFinding({ title: "Last", placement: "file" })],
      unconfirmed: [finding],
      notes: [text],
      effectiveRule: text,
      skipped: [{ path: text, reason: text }],
      seats: [
        { seat: 1, model: text, family: text, weight: 1, calls: 0, microUsd: 0, error: text },
      ],
    }),
  );
}

const dead = new Set([
  "space",
  "heading",
  "list",
  "list_item",
  "paragraph",
  "blockquote",
  "code",
  "codespan",
  "text",
  "escape",
  "hr",
]);

/** Every kind of mark that the renderer knows besides plain structure, and every piece of text outside of code. */
function alive(markdown: string): readonly string[] {
  const found: string[] = [];
  const pieces: string[] = [];
  void walkTokens(lexer(markdown, { gfm: true }), (token: Token) => {
    if (!dead.has(token.type)) {
      found.push(`${token.type}: ${token.raw}`);
    }
    if (token.type === "paragraph" || token.type === "heading" || token.type === "text") {
      pieces.push(textOf(token));
    }
  });
  const live =
    /(?<![\w`])@[a-z0-9]|#\d|GH-\d|[a-z]:\/\/|www\.|(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])/iu;
  return [...found, ...pieces.filter((text) => live.test(text))];
}

/** A block's text as a reader sees it; a code span is a gap. */
function textOf(token: Token): string {
  if (!("tokens" in token) || token.tokens === undefined) {
    return "text" in token && token.type !== "codespan" ? decoded(String(token.text)) : "";
  }
  return token.tokens.map((each) => (each.type === "codespan" ? "`" : textOf(each))).join("");
}

function decoded(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&#64;", "@")
    .replaceAll("&#96;", "'")
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}

describe("markdownOf", () => {
  test("has a corpus of more than 300 payloads", () => {
    expect(new Set(payloads).size).toBeGreaterThan(300);
  });

  test("brings no payload to life, wherever it stands", () => {
    for (const payload of payloads) {
      const markdown = everywhere(payload);

      expect(alive(markdown), payload).toEqual([]);
      expect(markdown, payload).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\u2028]/u);
      expect(markdown, payload).not.toMatch(/^\s*(?:> )?\/(?:approve|merge|lgtm|retest)/imu);
      expect(markdown, payload).toMatch(/^#### high correctness: Last \(`src\/a\.ts`\)$/mu);
      expect(markdown.length).toBeLessThanOrEqual(maxMarkdownChars);
    }
  });

  test("brings no mixture of pieces to life", () => {
    const pieces = seeds.flatMap((seed) => (seed.length < 80 ? [seed] : []));
    const glue = [
      "",
      " ",
      "\n",
      "\n\n",
      "`",
      "``",
      "\\",
      "*",
      "[",
      "](",
      ")",
      "<",
      ">",
      "!",
      "|",
      "    ",
      "\t",
    ];
    const piece = fc.oneof(fc.constantFrom(...pieces), fc.constantFrom(...glue), fc.string());
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (parts) => {
        expect(alive(everywhere(parts.join("")))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test("is judged by eyes that see what is alive", () => {
    for (const text of [
      "@octocat",
      "[a](https://b.example)",
      "<b>x</b>",
      "https://b.example",
      "![a](b)",
      "Fixes #1",
    ]) {
      expect(alive(text), text).not.toEqual([]);
    }
  });

  test("keeps within the limit and counts what it leaves out", () => {
    const many = Array.from({ length: 200 }, () => aFinding({ body: "word ".repeat(300) }));

    const markdown = markdownOf(aResult({ findings: many, unconfirmed: many }));

    expect(markdown.length).toBeLessThanOrEqual(maxMarkdownChars);
    expect(markdown).toMatch(/\n\d+ more are in the JSON report\.\n/u);
    expect(markdown).toContain("- Findings: 200; not confirmed: 200");
    expect(markdown).toContain("### Not reviewed");
  });

  test("keeps a link to an allowed host, and only to it", () => {
    const body =
      "See https://docs.example.org/a?b=c and https://docs.example.org.evil.example/ and https://x@docs.example.org/.";
    const result = aResult({ findings: [aFinding({ body })] });

    const links: string[] = [];
    void walkTokens(
      lexer(markdownOf(result, { allowedHosts: ["docs.example.org"] })),
      (token: Token) => {
        if (token.type === "link") {
          links.push(String(token["href"]));
        }
      },
    );

    expect(links).toEqual(["https://docs.example.org/a?b=c"]);
  });

  test("shows a finding with its place, code, votes and dissent", () => {
    expect(markdownOf(aResult())).toContain(
      [
        "#### high correctness: The total is not rounded (`src/a.ts:2`)",
        "",
        "> A sum of floats is compared with &#96;\\=\\=\\=&#96;.",
        "",
        "```",
        "2 | deux",
        "```",
        "",
        "confirmed: 2 for, 1 against, support 66.7 % (needs 60 %)",
        "- Seat 4 disagrees: The callers round.",
      ].join("\n"),
    );
  });
});
