import { describe, expect, test } from "vitest";
import { isSwitchedOn, keptFree, wordOf } from "../../src/settings.ts";

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

  test("says how much of the machine is kept free, in whole megabytes", () => {
    expect(keptFree({})).toEqual({ memoryMb: 64, diskMb: 256 });
    expect(keptFree({ SKEIN_MIN_FREE_MEMORY_MB: "0", SKEIN_MIN_FREE_DISK_MB: "512" })).toEqual({
      memoryMb: 0,
      diskMb: 512,
    });
    expect(() => keptFree({ SKEIN_MIN_FREE_DISK_MB: "1g" })).toThrow(
      expect.objectContaining({
        code: "SKN-2005",
        message:
          'The variable SKEIN_MIN_FREE_DISK_MB is "1g"; it takes a whole number of megabytes from 0 to 999,999,999.',
      }),
    );
  });
});
