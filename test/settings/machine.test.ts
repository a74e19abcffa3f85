import { describe, expect, test } from "vitest";
import { isSwitchedOn, keptFree, trustedProviders, wordOf } from "../../src/settings.ts";

describe("a variable of the machine", () => {
  test.each([
    [undefined, false],
    ["", false],
    [" ", false],
    ["0", false],
    ["1", true],
    [" 1 ", true],
  ])("that is a switch and says %j is on: %j", (text, isOn) => {
    expect(isSwitchedOn({ SKEIN_AUTH: text }, "SKEIN_AUTH")).toBe(isOn);
  });

  test.each(["perhaps", "true", "yes", "2"])("that is a switch takes no %s", (text) => {
    expect(() => isSwitchedOn({ SKEIN_AUTH: text }, "SKEIN_AUTH")).toThrow(
      expect.objectContaining({
        code: "SKN-2005",
        message: `The variable SKEIN_AUTH is "${text}"; it takes 1 or 0.`,
      }),
    );
  });

  test("is one of its words, or says nothing", () => {
    const words = ["text", "json"] as const;

    expect(wordOf({ SKEIN_LOG_FORMAT: "json" }, "SKEIN_LOG_FORMAT", words)).toBe("json");
    expect(wordOf({}, "SKEIN_LOG_FORMAT", words)).toBeNull();
    expect(() => wordOf({ SKEIN_LOG_FORMAT: "JSON" }, "SKEIN_LOG_FORMAT", words)).toThrow(
      'The variable SKEIN_LOG_FORMAT is "JSON"; it takes text or json.',
    );
  });

  test.each([
    [undefined, []],
    [" , ", []],
    [` ${"0".repeat(32)},,${"f".repeat(32)} `, ["0".repeat(32), "f".repeat(32)]],
  ])("that names fingerprints and says %j names %j", (text, fingerprints) => {
    expect([...trustedProviders({ SKEIN_TRUSTED_PROVIDERS: text })]).toEqual(fingerprints);
  });

  test("says how much of the machine is kept free, in whole megabytes and in percent that may be in use", () => {
    expect(keptFree({})).toEqual({
      memory: { leastMb: 64, mostPercent: null },
      disk: { leastMb: 256, mostPercent: null },
    });
    expect(
      keptFree({
        SKEIN_MIN_FREE_MEMORY_MB: "0",
        SKEIN_MIN_FREE_DISK_MB: "512",
        SKEIN_MAX_MEMORY_PERCENT: "90",
        SKEIN_MAX_DISK_PERCENT: "95",
      }),
    ).toEqual({
      memory: { leastMb: 0, mostPercent: 90 },
      disk: { leastMb: 512, mostPercent: 95 },
    });
    for (const text of ["0", "100", "-5", "9.5", "90 %"]) {
      expect(() => keptFree({ SKEIN_MAX_DISK_PERCENT: text })).toThrow(
        `The variable SKEIN_MAX_DISK_PERCENT is "${text}"; it takes a whole number of percent from 1 to 99.`,
      );
    }
    expect(() => keptFree({ SKEIN_MIN_FREE_DISK_MB: "1g" })).toThrow(
      expect.objectContaining({
        code: "SKN-2005",
        message:
          'The variable SKEIN_MIN_FREE_DISK_MB is "1g"; it takes a whole number of megabytes from 0 to 999,999,999.',
      }),
    );
  });
});
