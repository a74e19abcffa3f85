import { describe, expect, test } from "vitest";
import { agentLineIn } from "../../../src/adapters/leading/agent-line.ts";
import { answerIn } from "../../../src/adapters/leading/answer-line.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

describe("answerIn", () => {
  test.each([
    ["=7 {}", 7, "{}"],
    ["=120 a b", 120, "a b"],
    ["=9007199254740991 ", 9_007_199_254_740_991, ""],
  ])("reads the number of %j", (line, id, answer) => {
    expect(answerIn(bytes(line))).toEqual({ id, answer: bytes(answer) });
  });

  test.each(["", "=", "= {}", "=7", "=7x {}", "=x7 {}", "=/ {}", "=: {}", "=-1 {}"])(
    "takes %j for no answer",
    (line) => {
      expect(answerIn(bytes(line))).toBeNull();
    },
  );

  test.each(["=9007199254740992 {}", "7 {}", "+7 k {}", " =7 {}"])("nor %j", (line) => {
    expect(answerIn(bytes(line))).toBeNull();
  });
});

describe("agentLineIn", () => {
  test.each([
    ["+7 a-1 {} +8", { id: 7, key: "a-1", line: bytes("{} +8") }],
    ["+10  ", { id: 10, key: "", line: bytes("") }],
  ])("reads the number and the key of %j", (text, spoken) => {
    expect(agentLineIn(bytes(text))).toEqual(spoken);
  });

  test.each(["+7 a-1", "+ a-1 {}", "+7", "+1:1 a {}", "=7 a {}", "7 a {}"])(
    "takes %j for no line of an agent",
    (text) => {
      expect(agentLineIn(bytes(text))).toBeNull();
    },
  );
});
