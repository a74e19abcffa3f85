import { describe, expect, test } from "vitest";
import { asciiText, wantsAscii } from "../../src/cli/ascii.ts";
import { chartLines } from "../../src/cli/cost-chart.ts";
import { clip } from "../../src/cli/views.ts";

describe("wantsAscii", () => {
  test.each([
    [{}, false],
    [{ LANG: "en_US.UTF-8" }, false],
    [{ LANG: "C.utf8" }, false],
    [{ LANG: "C" }, true],
    [{ LANG: "de_DE@euro" }, true],
    [{ LANG: "en_US.UTF-8", LC_ALL: "POSIX" }, true],
    [{ LANG: "C", LC_CTYPE: "C.UTF-8" }, false],
    [{ LC_ALL: "", LANG: "C" }, true],
  ])("reads %j as %s", (env, expected) => {
    expect(wantsAscii(env)).toBe(expected);
  });
});

describe("asciiText", () => {
  test("leaves nothing beyond ASCII in what Skein draws itself", () => {
    const rows = Array.from({ length: 20 }, (_, at) => ({
      name: `model-${String(at)}-${"x".repeat(60)}`,
      microUsd: (at * 1_000_000) / 7,
      retryMicroUsd: 0,
      failedMicroUsd: 0,
      guessMicroUsd: 0,
      inputTokens: 1,
      outputTokens: 1,
      cacheTokens: 0,
      spends: 1,
    }));
    const drawn = [...chartLines(rows, "none"), clip("x".repeat(100), 10)].join("\n");

    expect(drawn).toMatch(/[^ -~\n]/u);
    expect(asciiText(drawn)).not.toMatch(/[^ -~\n]/u);
  });

  test("leaves names as their people write them", () => {
    expect(asciiText("Zoë, naïve — 東京")).toBe("Zoë, naïve — 東京");
  });
});
