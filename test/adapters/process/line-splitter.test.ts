import { describe, expect, test } from "vitest";
import { createLineSplitter } from "../../../src/adapters/process/line-splitter.ts";

function split(chunks: readonly string[], limitBytes?: number): readonly string[] {
  const lines: string[] = [];
  const push = createLineSplitter(
    {
      onLine: (line) => {
        lines.push(Buffer.from(line).toString("utf8"));
      },
      onTooLong: () => {
        lines.push("TOO LONG");
      },
    },
    limitBytes,
  );
  for (const chunk of chunks) {
    push(Buffer.from(chunk));
  }
  return lines;
}

describe("createLineSplitter", () => {
  test("joins chunks and cuts them at line ends, with and without a carriage return", () => {
    expect(split(["a", "b\nc\r\n", "\n", "d"])).toEqual(["ab", "c", ""]);
  });

  test("throws a line away that passes the limit, and keeps the next", () => {
    expect(split(["xxxx", "xxxx", "xx\nok\n"], 8)).toEqual(["TOO LONG", "ok"]);
  });

  test("keeps what it holds of a line when the memory of its chunk is used again", () => {
    const lines: string[] = [];
    const push = createLineSplitter({
      onLine: (line) => {
        lines.push(Buffer.from(line).toString("utf8"));
      },
      onTooLong: () => undefined,
    });
    const memory = Buffer.from("one\ntwo");

    push(memory);
    memory.write("x\nthree");
    push(memory.subarray(0, 2));

    expect(lines).toEqual(["one", "twox"]);
  });

  test("keeps a line of exactly the limit", () => {
    expect(split(["12345678\n123456789\n"], 8)).toEqual(["12345678", "TOO LONG"]);
  });
});
