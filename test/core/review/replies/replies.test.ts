import { describe, expect, test } from "vitest";
import { readClaims } from "../../../../src/core/review/replies/claims.ts";
import { salvageList } from "../../../../src/core/review/replies/salvage.ts";
import { readVotes } from "../../../../src/core/review/replies/votes.ts";

const item = {
  path: "./src/pay.ts",
  line: 10,
  end_line: 12,
  severity: "High",
  category: "data loss",
  title: "Last payment\nis skipped",
  body: "The loop ends early.",
  quoted: "  for (;;) {",
  symbol: "settle",
  failing_input: null,
};
const findings = (...items: readonly unknown[]): string => JSON.stringify({ findings: items });

describe("salvageList", () => {
  test("takes no longer than its length for a fence that opens and goes on in blanks", () => {
    const beganMs = performance.now();

    expect(salvageList(`\`\`\`${" ".repeat(200_000)}`, "votes").isReadable).toBe(false);

    expect(performance.now() - beganMs).toBeLessThan(2_000);
  });

  test.each([
    ["JSON alone", '{"votes":[{"a":1},{"b":2}]}'],
    ["a bare array", '[{"a":1},{"b":2}]'],
    ["a code fence", '```json\n{"votes": [{"a":1},{"b":2}]}\n```'],
    ["prose around", 'Sure [as asked]: {"votes": [{"a":1}, {"b":2}]} - done.'],
    ["a wrapper", '{"answer": {"votes": [{"a":1},{"b":2}]}}'],
    ["a trailing comma", '{"votes":[{"a":1},{"b":2},]}'],
    ["the shape named before the answer", 'As {"votes": [...]}: {"votes":[{"a":1},{"b":2}]}'],
    [
      "an answer behind what it quotes of the change",
      'The code says {"votes":[{"z":9}]}, which is no vote. {"votes":[{"a":1},{"b":2}]}',
    ],
    [
      "an answer before what it quotes of the change",
      '{"votes":[{"a":1},{"b":2}]} The code says {"votes":[{"z":9}]}, which is no vote.',
    ],
    [
      "an answer in a fence before what it quotes",
      '```json\n{"votes":[{"a":1},{"b":2}]}\n```\nIt holds `[{"z":9}]` and {"votes":[{"z":9}]}.',
    ],
    [
      "an answer behind thoughts that quote their own end",
      '<think>It says </think>{"votes":[{"z":9}]}, so no.</think>{"votes":[{"a":1},{"b":2}]}',
    ],
    [
      "an answer behind a part of its prompt",
      '[begin candidate c1] {"votes":[{"z":9}]} [end]: no. {"votes":[{"a":1},{"b":2}]}',
    ],
    ["an answer before the shape", '{"votes":[{"a":1},{"b":2}]} as {"votes": [...]}'],
    ["an answer behind thoughts", '<think>{"votes":[{"z":9}]}?</think>{"votes":[{"a":1},{"b":2},'],
    ["a cut in the third item", '{"votes":[{"a":1},{"b":2},{"c":"}'],
  ])("reads %s", (_, text) => {
    expect(salvageList(text, "votes").items).toEqual([{ a: 1 }, { b: 2 }]);
  });

  test("counts the item that a cut left half", () => {
    expect(salvageList('{"votes":[{"a":1},{"b"', "votes")).toMatchObject({
      dropped: 1,
      isReadable: true,
    });
  });

  test("reads nothing of thoughts that no answer follows", () => {
    const text = '<think>Perhaps {"votes": [{"id": "c1", "vote": "confirm"}]}';

    expect(salvageList(text, "votes")).toEqual({ items: [], dropped: 0, isReadable: false });
  });

  test("tells a reply without a list from one with an empty list", () => {
    expect(salvageList("no", "votes").isReadable).toBe(false);
    expect(salvageList('{"votes":[]}', "votes").isReadable).toBe(true);
  });

  test("reads a reply of 10 MB, capped", () => {
    const text = `{"votes":[${'{"a":1},'.repeat(1_300_000)}`;

    expect(salvageList(text, "votes").items).toHaveLength(500);
  });
});

describe("readClaims", () => {
  test("reads a claim and cleans its words", () => {
    expect(readClaims(findings(item), null).claims).toEqual([
      {
        path: "src/pay.ts",
        line: 10,
        endLine: 12,
        severity: "high",
        category: "data-loss",
        title: "Last payment is skipped",
        body: "The loop ends early.",
        quoted: "  for (;;) {",
        symbol: "settle",
        failingInput: null,
      },
    ]);
  });

  test("prefers what the provider has parsed", () => {
    expect(readClaims("cut off", { findings: [item] }).claims).toHaveLength(1);
  });

  test.each([
    ["no path", { ...item, path: "" }],
    ["a path that is a number", { ...item, path: 7 }],
    ["no title", { ...item, title: " " }],
    ["a line that is a word", { ...item, line: "ten" }],
    ["line 0", { ...item, line: 0 }],
    ["a line that is not whole", { ...item, line: 1.5 }],
    ["a list", [item]],
    ["null", null],
  ])("drops and counts %s", (_, bad) => {
    expect(readClaims(findings(bad, item), null)).toMatchObject({
      claims: [{ line: 10 }],
      dropped: 1,
    });
  });

  test("takes a line number that was written as text, and an end before the line as one line", () => {
    const [claim] = readClaims(findings({ ...item, line: "10", end_line: 3 }), null).claims;

    expect(claim).toMatchObject({ line: 10, endLine: 10 });
  });

  test("keeps a claim with a severity and a category of its own words", () => {
    const [claim] = readClaims(
      findings({ ...item, severity: "blocker", category: 3 }),
      null,
    ).claims;

    expect(claim).toMatchObject({ severity: "medium", category: "correctness" });
  });

  test("keeps at most twenty claims of one seat", () => {
    const many = Array.from({ length: 25 }, () => item);

    expect(readClaims(findings(...many), null)).toMatchObject({ dropped: 5 });
  });
});

describe("readVotes", () => {
  const asked = new Set(["c1", "c2"]);
  const read = (votes: readonly unknown[]): ReturnType<typeof readVotes> =>
    readVotes({ text: "", object: { votes } }, asked);

  test("reads votes with their reasons, cleaned", () => {
    const { votes } = read([{ id: "c1", vote: " Confirm ", reason: "a\u202Eb\nc" }]);

    expect(votes).toEqual([{ cluster: "c1", vote: "confirm", reason: "ab c" }]);
  });

  test("takes cannot-tell as an abstention", () => {
    expect(read([{ id: "c1", vote: "cannot_tell" }]).votes[0]?.vote).toBe("abstain");
  });

  test("keeps the first of two equal votes", () => {
    expect(
      read([
        { id: "c1", vote: "reject" },
        { id: "c1", vote: "reject" },
      ]).votes,
    ).toHaveLength(1);
  });

  test("drops and counts a candidate that was not asked for", () => {
    expect(read([{ id: "c3", vote: "confirm" }])).toMatchObject({ votes: [], dropped: 1 });
  });

  const whole = { id: "c1", severity: "low", title: "Better", line: 3, quoted: "x = 1" };
  const withCorrections = (votes: readonly unknown[], corrections: unknown) =>
    readVotes({ text: JSON.stringify({ votes, corrections }), object: null }, asked).votes;
  const confirm = { id: "c1", vote: "confirm", reason: "so" };

  test("gives a correction to the vote that confirms, and to no other", () => {
    const reject = { id: "c2", vote: "reject", reason: "no" };
    const votes = withCorrections([confirm, reject], [whole, { ...whole, id: "c2" }]);

    expect(votes[0]?.correction).toEqual({
      severity: "low",
      title: "Better",
      line: 3,
      quoted: "x = 1",
    });
    expect(votes[1]).not.toHaveProperty("correction");
  });

  test.each([
    ["no list", "all is well"],
    ["items that are none", [null, 3, "c1", [], { id: 1 }]],
    ["one that changes nothing", [{ id: "c1", severity: null, title: " ", line: 3, quoted: null }]],
    ["words that are no severity", [{ id: "c1", severity: "blocker" }]],
    ["a claim that was not asked for", [{ ...whole, id: "c7" }]],
  ])("keeps the vote beside %s", (_, corrections) => {
    expect(withCorrections([confirm], corrections)).toEqual([
      { cluster: "c1", vote: "confirm", reason: "so" },
    ]);
  });

  test("takes the first correction of a claim, and no more than five", () => {
    const others = Array.from({ length: 5 }, (_, index) => ({
      ...whole,
      id: `c${String(index + 3)}`,
    }));
    const twice = withCorrections([confirm], [whole, { ...whole, title: "Second" }]);

    expect(twice[0]?.correction?.title).toBe("Better");
    expect(withCorrections([confirm], [...others, whole])[0]).not.toHaveProperty("correction");
  });

  test("takes no line of a correction without the code that would prove it", () => {
    const [vote] = withCorrections([confirm], [{ ...whole, quoted: null }]);

    expect(vote?.correction).toEqual({
      severity: "low",
      title: "Better",
      line: null,
      quoted: null,
    });
  });

  test("keeps the votes of a reply that is cut off in its corrections", () => {
    const text = `{"votes": [${JSON.stringify(confirm)}], "corrections": [{"id": "c1", "sev`;

    expect(readVotes({ text, object: null }, asked).votes).toEqual([
      { cluster: "c1", vote: "confirm", reason: "so" },
    ]);
  });
});
