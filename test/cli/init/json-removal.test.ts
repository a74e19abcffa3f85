import fc from "fast-check";
import { isLooseObject } from "../../../src/core/base/loose-object.ts";
import { describe, expect, test } from "vitest";
import { agents } from "../../../src/cli/init/agents.ts";
import { withWish } from "../../../src/cli/init/json-host.ts";
import type { JsonWish } from "../../../src/cli/init/json-host.ts";
import { withoutWish } from "../../../src/cli/init/json-removal.ts";
import { readJsonc, toData } from "../../../src/cli/init/jsonc.ts";
import type { Launch } from "../../../src/cli/init/launch.ts";

const launch: Launch = { kind: "absolute", node: "/usr/bin/node", bin: "/opt/skein/bin/skein.js" };

/** Gemini's file has a server and hooks. */
function wishOf(way: Launch): JsonWish {
  const [file] = agents.gemini.files(way);
  if (file?.content.kind !== "json") {
    throw new TypeError("Gemini's file is no JSON any more");
  }
  return file.content.wish;
}

const wish = wishOf(launch);

/** What may stand between any two signs. */
const gap = fc.constantFrom(
  "",
  "",
  "",
  " ",
  "\n",
  "\n  ",
  "\r\n\t",
  "\n\n    ",
  " /* a, } */ ",
  " // b ]{ \n  ",
  "//\n",
);

const plain = fc.constantFrom(
  "1",
  "-0",
  "1.0",
  "1e400",
  "12345678901234567890",
  "true",
  "null",
  '""',
  '"\u007F"',
  '"//"',
  '"\\ud800"',
  '"/*"',
  '"skein hook gemini stop"',
  '"a\\"b"',
  "[ ]",
  "{\n}",
  '"\\u0073"',
);

const own = fc
  .constantFrom(
    "./mine",
    "a && skein hook gemini stop",
    "skein hook gemini stop x",
    "my-webhook gemini stop",
  )
  .map((command) => `{"type": "command", "command": ${JSON.stringify(command)}, "timeout": 1.0}`);

/** Puts texts between brackets, with gaps around each sign, and now and then a comma before the end. */
function listed(
  [open, close]: readonly [string, string],
  items: fc.Arbitrary<readonly string[]>,
): fc.Arbitrary<string> {
  return fc.tuple(items, fc.infiniteStream(gap), fc.boolean()).map(([texts, gaps, isTrailing]) => {
    const next = (): string => gaps.next().value ?? "";
    const inner = texts.map((text) => `${next()}${text}${next()}`).join(",");
    const comma = isTrailing && texts.length > 0 ? `,${next()}` : "";
    return `${open}${inner}${comma}${texts.length === 0 ? next() : ""}${close}`;
  });
}

const list = (item: fc.Arbitrary<string>, maxLength = 3): fc.Arbitrary<string> =>
  listed(["[", "]"], fc.array(item, { maxLength }));

function object(members: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<string> {
  const each = Object.entries(members).map(([key, value]) =>
    fc.option(fc.tuple(value, gap).map(([text, blank]) => `"${key}"${blank}:${blank}${text}`)),
  );
  const shuffled = fc
    .tuple(...each)
    .chain((all) => fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }))
    .map((all) => all.filter((member) => member !== null));
  return listed(["{", "}"], shuffled);
}

const group = object({ matcher: fc.constant('"a|b"'), hooks: list(own), note: plain });
const hooks = object({ AfterAgent: list(group), BeforeTool: list(group), Mine: list(group) });
const servers = object({ db: plain, "a.b": plain, skein: fc.constant('{"url":"x"}') });
const marked = object({ mark: fc.constant("111"), a: plain, b: list(plain) });
const settings = fc
  .tuple(gap, object({ hooks, mcpServers: servers, marked, last: plain }), gap, fc.boolean())
  .map(([before, text, after, hasMark]) => `${hasMark ? "\uFEFF" : ""}${before}${text}${after}`);

const runs = {
  numRuns: Number(process.env["RUNS"] ?? 120),
  seed: Number(process.env["SEED"] ?? 7),
};

function dataOf(text: string): unknown {
  const reading = readJsonc(text);
  return reading.kind === "read" ? toData(reading.root) : reading;
}

/** Without the objects and lists on Skein's way that hold nothing. */
function filled(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) {
    return value.length === 0 && onWay.test(key) ? undefined : value;
  }
  if (!isLooseObject(value)) {
    return value;
  }
  const left = Object.entries(value)
    .map(([name, each]) => [name, filled(each, name)] as const)
    .filter(([, each]) => each !== undefined);
  return left.length === 0 && onWay.test(key) ? undefined : Object.fromEntries(left);
}

const onWay = /^(?:hooks|mcpServers|AfterAgent|BeforeTool)$/u;

/** As a person does who changes one. */
function edited(text: string): string {
  return text.replace("111", "[ 2.0 ]");
}

/** As a person does who adds a setting at the end. */
function added(text: string): string {
  const reading = readJsonc(text);
  const last =
    reading.kind === "read" && reading.root.kind === "object"
      ? reading.root.members.at(-1)
      : undefined;
  const end = last?.value.end;
  return end === undefined ? text : `${text.slice(0, end)}, "zz": 1.0${text.slice(end)}`;
}

describe("withoutWish", () => {
  test("gives each byte back of whatever settings, and what was changed in between", () => {
    fc.assert(
      fc.property(settings, (before) => {
        const now = withWish("x", before, wish);
        expect(withWish("x", now, wish)).toBe(now);
        expect(withoutWish("x", { now, before }, wish)).toBe(before);

        expect(withoutWish("x", { now: edited(now), before }, wish)).toBe(edited(before));
        if (added(before) !== before) {
          expect(withoutWish("x", { now: added(now), before }, wish)).toBe(added(before));
        }
      }),
      runs,
    );
  });

  test("gives all that says something back where nobody remembers how it was", () => {
    fc.assert(
      fc.property(settings, (before) => {
        const theirs = before.replace('"skein"', '"knit"');
        const now = withWish("x", theirs, wish);

        const left = withoutWish("x", { now, before: null }, wish);
        expect(filled(dataOf(left))).toEqual(filled(dataOf(theirs)));
      }),
      runs,
    );
  });

  test("takes out what another installation wrote, and leaves what init would write of it alone", () => {
    fc.assert(
      fc.property(settings, (before) => {
        const old = withWish("x", before, wishOf({ kind: "npx" }));
        const now = withWish("x", old, wish);

        expect(dataOf(now)).toEqual(dataOf(withWish("x", before, wish)));
        expect(withoutWish("x", { now: old, before }, wish)).toBe(before);
        expect(withoutWish("x", { now, before }, wish)).toBe(before);
      }),
      runs,
    );
  });

  test("knows what it wrote itself, whatever the Node of this machine is called", () => {
    const odd = wishOf({ kind: "absolute", node: "/opt/run", bin: "/opt/skein/bin/skein.js" });
    const now = withWish("x", '{ "a": 1 }', odd);

    expect(withWish("x", now, odd)).toBe(now);
    expect(withoutWish("x", { now, before: null }, odd)).toBe('{ "a": 1 }');
  });
});
