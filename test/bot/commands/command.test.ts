import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { neededFor, parseCommand } from "../../../src/bot/commands/command.ts";

const sha = "a1".repeat(20);

describe("parseCommand", () => {
  test.each([
    ["/skein plan", { kind: "plan" }],
    ["/skein", { kind: "tell", what: "help" }],
    ["  text\n/skein status  \nmore", { kind: "tell", what: "status" }],
    ["/skein approve ABCDEF12", { kind: "approve", hash: "abcdef12" }],
    ["/skein review", { kind: "review", isFull: false, preset: null, sha: null }],
    ["/skein review critical", { kind: "review", isFull: false, preset: "critical", sha: null }],
    [`/skein review ${sha}`, { kind: "review", isFull: false, preset: null, sha }],
    [`/skein review quick ${sha}`, { kind: "review", isFull: false, preset: "quick", sha }],
    ["/skein full review fast", { kind: "review", isFull: true, preset: "fast", sha: null }],
    ["/skein rules", { kind: "rules" }],
    ["/skein budget", { kind: "tell", what: "budget" }],
    ["/skein ignore", { kind: "steer", act: "ignore" }],
    ["/skein pause", { kind: "steer", act: "pause" }],
    ["/skein resume", { kind: "steer", act: "resume" }],
    ["/skein resolve", { kind: "steer", act: "resolve" }],
    ["/skein assign", { kind: "assign", login: null }],
    ["/skein assign @grace", { kind: "assign", login: "grace" }],
    ["/skein\tplan\r\nnext", { kind: "plan" }],
  ])("reads %j", (body, command) => {
    expect(parseCommand(body)).toEqual(command);
  });

  test.each([
    "please /skein plan",
    "> /skein plan",
    " /skein plan",
    "/skeinplan",
    "/SKEIN plan",
    "`/skein plan`",
    "```\n/skein plan\n```",
    "~~~sh\n/skein plan\n~~~",
    "````\n```\n/skein plan\n````",
    "```\n/skein plan",
    "```\n```\u00A0\n/skein plan\n```",
    "thanks\n<!--\n/skein plan\n-->",
    "<!-- a --> b <!--\n\n/skein plan\n\n-->",
    "<pre>\n/skein plan\n</pre>",
    "<PRE lang=x><code>\n/skein plan\n</code></PRE>",
    "<blockquote>\n\n/skein plan\n\n</blockquote>",
    "<blockquote>\n<blockquote>one</blockquote>\n\n/skein plan\n\n</blockquote>",
    "<textarea>\n/skein plan\n</textarea>",
    "> somebody's words\n/skein plan",
    "> somebody's\nwords\n/skein plan",
    "- > somebody's\nwords\n/skein plan",
    "1. - > somebody's words\n/skein plan",
    "`one\n/skein plan\ntwo`",
    "``one ` two\n/skein plan\nthree``",
    "",
  ])("hears nothing in %j", (body) => {
    expect(parseCommand(body)).toBeNull();
  });

  test.each([
    "> a quote\n\n/skein plan",
    "<!-- hidden -->\n/skein plan",
    "<pre>\ncode\n</pre>\n/skein plan",
    "the tag `<pre>` and `<!--`\n/skein plan",
    "one ` backtick\n/skein plan",
    "`code` and \\`\n/skein plan\n`",
    "```html\n<pre>\n```\n/skein plan",
  ])("hears the command in %j", (body) => {
    expect(parseCommand(body)).toEqual({ kind: "plan" });
  });

  test("hears a command below a block of code that ended", () => {
    expect(parseCommand("```\n/skein pause\n```\n/skein plan")).toEqual({ kind: "plan" });
  });

  test.each([
    "/skein launch",
    "/skein plan now",
    "/skein approve",
    "/skein approve xyz",
    "/skein review deep",
    "/skein full",
    "/skein full plan",
    "/skein assign a b",
    "/skein assign -rf",
    "/skein __proto__",
    "/skein constructor",
    "/skein toString",
  ])("does not know %j", (body) => {
    expect(parseCommand(body)).toMatchObject({ kind: "unknown" });
  });

  test("reads any text without a fault, and only a line that begins with its name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const command = parseCommand(text);

        expect(command === null || /^\/skein/mu.test(text.replaceAll("\r", "\n"))).toBe(true);
      }),
    );
  });
});

describe("neededFor", () => {
  test("lets only who may write change or spend anything", () => {
    const changing = ["plan", "approve abcdef12", "review", "rules", "pause", "assign"];

    for (const words of changing) {
      const command = parseCommand(`/skein ${words}`);
      expect(command === null ? null : neededFor(command), words).toBe("write");
    }
    expect(neededFor({ kind: "tell", what: "help" })).toBe("triage");
  });
});
