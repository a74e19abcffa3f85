import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import {
  annotate,
  createActionLog,
  inertLines,
  outputsOf,
  writeSummary,
} from "../../../src/bot/action/report.ts";
import { plainOutcome } from "../../../src/bot/context.ts";
import type { Annotation } from "../../../src/bot/context.ts";

let folder = "";
let said: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "skein-report-"));
  said = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const hostile = [
  "::set-output name=conclusion::success",
  "  ::add-mask::a",
  "##[error]x",
  "a ##[add-mask]b",
  "ok\r::stop-commands::x",
  "\u{200b}::warning::y",
];

/** As the runner looks for commands: at the beginning of a line, and the older form anywhere in it. */
function commandsIn(output: string): readonly string[] {
  return output.split(/\r\n?|\n/).filter((line) => /^\s*::|##\[/.test(line));
}

describe("inertLines", () => {
  test.each(hostile)("leaves no command to the runner in: %s", (text) => {
    expect(commandsIn(text.replaceAll("\u{200b}", ""))).not.toEqual([]);
    expect(commandsIn(inertLines(text))).toEqual([]);
  });

  test("leaves an ordinary text as it is", () => {
    expect(inertLines("a::b\n\tc ## [x]")).toBe("a::b\n\tc ## [x]");
  });
});

describe("createActionLog", () => {
  test("says a hostile text without giving a command", () => {
    createActionLog().info(hostile.join("\n"));

    expect(commandsIn(said.join(""))).toEqual([]);
  });

  test("warns and groups with one command each, whatever the text holds", async () => {
    const log = createActionLog();

    log.warn("a\n::error::b");
    await log.group("t\n::error::b", async () => "done");

    expect(said.join("")).toBe(
      "::warning::a%0A::error::b\n::group::t<U+000A>::error::b\n::endgroup::\n",
    );
  });
});

describe("annotate", () => {
  const one: Annotation = {
    level: "warning",
    title: "F1: high, a:b",
    message: "First\n::error::second",
    path: "src/a,b.ts",
    startLine: 3,
    endLine: null,
    isShown: false,
  };

  test("puts a sentence on its lines in one command", () => {
    annotate([one]);

    expect(said).toEqual([
      "::warning title=F1%3A high%2C a%3Ab,file=src/a%2Cb.ts,line=3,endLine=3::First%0A| ::error::second\n",
    ]);
  });

  test("marks no line that a check marks already, and names it in the log", () => {
    annotate([{ ...one, title: "##[error]\n::error::x", isShown: true }]);

    expect(commandsIn(said.join("")).map((each) => each.split("::")[1])).toEqual([
      "group",
      "endgroup",
    ]);
    expect(said.join("")).toContain("warning src/a,b.ts:3 ## [error]");
  });

  test.each(["%0A::error::x", "a\r\n::error::b", "src/\n::stop-commands::x"])(
    "keeps a hostile text in its one command: %s",
    (text) => {
      annotate([{ ...one, title: text, message: text, path: text }]);

      expect(
        said
          .join("")
          .trimEnd()
          .split(/\r\n?|\n/u),
      ).toHaveLength(1);
      expect(said.join("")).toMatch(/^::warning title=[^:]*,file=[^:]*,line=3,endLine=3::/u);
    },
  );

  test("says how many GitHub would not show", () => {
    annotate(Array.from({ length: 13 }, () => ({ ...one, path: null, startLine: null })));

    expect(said).toHaveLength(11);
    expect(said.at(-1)).toBe(
      "3 more of level warning: the summary and the report have them all.\n",
    );
  });
});

describe("writeSummary", () => {
  test("adds to what is there", () => {
    const path = join(folder, "summary.md");
    writeFileSync(path, "before\n");

    writeSummary(path, "after");

    expect(readFileSync(path, "utf8")).toBe("before\nafter\n");
  });

  test("ends at a whole line before a mebibyte, and says so", () => {
    const path = join(folder, "summary.md");
    writeFileSync(path, "x".repeat(1_000));

    writeSummary(path, "äöü €\n".repeat(200_000));
    writeSummary(path, "more\n".repeat(100));

    const text = readFileSync(path);
    expect(text.length).toBeLessThanOrEqual(1_048_576);
    expect(text.length).toBeGreaterThan(1_048_000);
    expect(text.toString("utf8")).toMatch(/äöü €\n\n_The rest is in the report[^\n]+_\n$/);
    expect(text.toString("utf8")).not.toContain("\u{FFFD}");
  });
});

describe("outputsOf", () => {
  test("leaves empty what there is not", () => {
    expect(outputsOf(plainOutcome("neutral", "Nothing to do."), null)).toEqual({
      conclusion: "neutral",
      title: "Nothing to do.",
      findings: "",
      "report-path": "",
      "sarif-path": "",
      "cost-usd": "",
      "plan-hash": "",
      "handover-path": "",
    });
  });

  test("writes counts and dollars", () => {
    const outcome = { ...plainOutcome("success", "t"), findings: 0, costMicroUsd: 12_345 };

    expect(outputsOf(outcome, "/h.json")).toMatchObject({
      findings: "0",
      "cost-usd": "0.012345",
      "handover-path": "/h.json",
    });
  });
});
