import { describe, expect, test } from "vitest";
import { freeTasks, readMarks, withMark, writeChecklist } from "../../../src/cli/demo/checklist.ts";
import type { TaskWork } from "../../../src/cli/demo/work.ts";

const work: readonly TaskWork[] = [aTask("T1", []), aTask("T2", ["T1"]), aTask("T11", [])];

describe("the checklist", () => {
  test("shows every task as free at first", () => {
    const marks = readMarks(writeChecklist("Plan", work));

    expect([...marks]).toEqual([
      ["T1", " "],
      ["T2", " "],
      ["T11", " "],
    ]);
  });

  test("changes the mark of one task and of no other", () => {
    const text = withMark(writeChecklist("Plan", work), "T1", "~");

    expect([...readMarks(text).values()]).toEqual(["~", " ", " "]);
  });

  test("frees a task only when its predecessors are ticked", () => {
    const begun = withMark(writeChecklist("Plan", work), "T1", "~");
    const ticked = withMark(begun, "T1", "x");

    expect(freeTasks(work, readMarks(begun)).map(({ id }) => id)).toEqual(["T11"]);
    expect(freeTasks(work, readMarks(ticked)).map(({ id }) => id)).toEqual(["T2", "T11"]);
  });
});

function aTask(id: string, after: readonly string[]): TaskWork {
  return { id, title: `Do ${id}`, after, edits: [] };
}
