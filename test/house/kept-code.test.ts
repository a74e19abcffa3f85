import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { stampBundle } from "../../scripts/hook-bundle.ts";

let directory = "";
let home = "";

const program = join("dist", "hook.cjs");

/** Writes the program anew, as a build does. */
function build(text: string): void {
  writeFileSync(join(directory, program), text);
  stampBundle(join(directory, program));
}

function runHook(...words: readonly string[]): { readonly said: string; readonly status: number } {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(directory, "bin/skein.js"), "hook", "claude", ...words],
    { encoding: "utf8", env: { PATH: process.env["PATH"], HOME: home, XDG_CACHE_HOME: home } },
  );
  return { said: `${stdout}${stderr}`, status: status ?? -1 };
}

const folder = (): string =>
  process.platform === "darwin"
    ? join(home, "Library/Caches/skein/kept")
    : join(home, "skein/kept");

const keptFile = (word = "pre-edit"): string => join(folder(), `hook-${word}`);

const saying = (word: string): string =>
  `function say() { console.log(${JSON.stringify(word)}); } say();`;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "skein-kept-"));
  home = join(directory, "home");
  mkdirSync(home);
  mkdirSync(join(directory, "dist"));
  cpSync("bin", join(directory, "bin"), { recursive: true });
  writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe.skipIf(process.platform === "win32")("kept code", () => {
  test("is written once, for this user alone, and holds the functions that ran", () => {
    build(`${saying("one")} function idle() { return ${JSON.stringify("x".repeat(5_000))}; }`);

    expect(runHook("pre-edit").said).toBe("one\n");
    const first = statSync(keptFile());
    expect(runHook("pre-edit").said).toBe("one\n");

    expect(statSync(keptFile()).ino).toBe(first.ino);
    expect(first.mode & 0o777).toBe(0o600);
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder())).toEqual(["hook-pre-edit"]);
  });

  test("of another build with a text of the same length is not run", () => {
    build(saying("one"));
    runHook("pre-edit");

    build(saying("two"));

    expect(runHook("pre-edit").said).toBe("two\n");
    expect(runHook("pre-edit").said).toBe("two\n");
  });

  test.each([
    ["nothing", () => Buffer.alloc(0)],
    ["noise", () => Buffer.alloc(4_000, 7)],
    [
      "the right tail and noise before it",
      (was: Buffer) => Buffer.concat([Buffer.alloc(4_000, 7), was.subarray(-17)]),
    ],
    [
      "half of it",
      (was: Buffer) => Buffer.concat([was.subarray(0, was.length >> 1), was.subarray(-17)]),
    ],
  ])("that is %s is made anew", (_name, spoil) => {
    build(saying("one"));
    runHook("pre-edit");
    const good = readFileSync(keptFile());
    writeFileSync(keptFile(), spoil(good));

    expect(runHook("pre-edit")).toEqual({ said: "one\n", status: 0 });
    expect(readFileSync(keptFile()).length).toBeGreaterThan(good.length / 2);
    expect(runHook("pre-edit").said).toBe("one\n");
  });

  test("is neither read nor written where others may write", () => {
    build(saying("one"));
    mkdirSync(folder(), { recursive: true });
    chmodSync(folder(), 0o777);

    expect(runHook("pre-edit").said).toBe("one\n");
    expect(readdirSync(folder())).toEqual([]);
  });

  test("is kept again when a run takes a way that is not in it, and then no more", () => {
    build(
      `const way = process.argv[5] === "b" ? 2 : 4; console.log(way); exports.kinds = () => 1 | way;`,
    );
    const kinds = (): number => readFileSync(keptFile()).at(-1) ?? 0;
    runHook("pre-edit", "a");
    expect(kinds()).toBe(5);
    runHook("pre-edit", "b");
    expect(kinds()).toBe(7);
    const { ino } = statSync(keptFile());
    runHook("pre-edit", "a");
    expect(statSync(keptFile()).ino).toBe(ino);
  });

  test("is one for each event, and one for whatever is no event's name", () => {
    build(saying("one"));
    runHook("stop");
    runHook("../../away");
    runHook();

    expect(readdirSync(folder()).toSorted()).toEqual(["hook-any", "hook-stop"]);
  });

  test("is not kept of a program without a stamp, nor where there is no home", () => {
    writeFileSync(join(directory, program), saying("one"));
    expect(runHook("stop").said).toBe("one\n");
    expect(existsSync(folder())).toBe(false);

    build(saying("one"));
    rmSync(home, { recursive: true });
    writeFileSync(home, "a file");
    expect(runHook("stop")).toEqual({ said: "one\n", status: 0 });
  });

  test("knows its own file, its packages, and loads modules late", () => {
    writeFileSync(join(directory, "dist/late.js"), "export const word = 'late';");
    build(
      [
        `console.log(__filename === ${JSON.stringify(join(directory, program))});`,
        `console.log(require.resolve("./late.js") === ${JSON.stringify(join(directory, "dist/late.js"))});`,
        `module.loadLate("./late.js").then(({ word }) => console.log(word));`,
      ].join("\n"),
    );

    for (let run = 0; run < 2; run += 1) {
      expect(runHook("stop")).toEqual({ said: "true\ntrue\nlate\n", status: 0 });
    }
  });

  test("changes nothing about how a program fails", () => {
    build(`throw new Error("broken");`);

    expect(runHook("stop")).toEqual({
      said: expect.stringContaining("skein could not start: Error: broken"),
      status: 1,
    });
  });
});

test("a bundle with a character beyond ASCII is not stamped", () => {
  const file = join(directory, program);
  writeFileSync(file, 'console.log("\u{B9}");');

  expect(() => {
    stampBundle(file);
  }).toThrow("U+b9");
});
