import { describe, expect, test } from "vitest";
import { readMarks } from "../../../src/core/rules/index.ts";
import { readSessions, trailerKeys } from "../../../src/core/rules/marks.ts";

describe("readMarks", () => {
  test.each([
    ["Do it\n\nSkein-Task: p/T1\nSkein-Fence: 7\n", [{ task: "p/T1", fence: 7 }]],
    ["Skein-Task: p/T1\r\nSkein-Fence: 7\r\n", [{ task: "p/T1", fence: 7 }]],
    ["Skein-Task: p/T1\nSkein-Task: p/T2\nSkein-Fence: 7", [{ task: "p/T2", fence: 7 }]],
    ["Skein-Task: p/T1\n\nSkein-Fence: 7", []],
    ["Skein-Task: p/T1\nSkein-Fence: 7x", []],
    ["Skein-Task: p/T1/x\nSkein-Fence: 7", []],
    ["> Skein-Task: p/T1\nSkein-Fence: 7", []],
    [`Skein-Task: p/T1\nSkein-Fence: ${"9".repeat(16)}`, []],
  ])("of %j are %j", (message, marks) => {
    expect(readMarks(message)).toEqual(marks);
  });
});

describe("readSessions", () => {
  test.each([
    ["Do it\n\nSkein-Session: 0123456789/s7\n", [{ publisher: "0123456789", session: "s7" }]],
    ["Skein-Session: short/s7", []],
    ["Skein-Session: 0123456789/admin", []],
    ["Skein-Session: 0123456789/s7 and more", []],
  ])("of %j are %j", (message, sessions) => {
    expect(readSessions(message)).toEqual(sessions);
  });
});

describe("trailerKeys", () => {
  test("are those of the last paragraph, the subject never", () => {
    expect([...trailerKeys("A: b\n\nC: d\n\nE-f: g\nH: i\nno trailer\n")]).toEqual(["e-f", "h"]);
    expect([...trailerKeys("A: b")]).toEqual([]);
  });
});
