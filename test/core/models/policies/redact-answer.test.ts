import { describe, expect, test } from "vitest";

import { redacting } from "../../../../src/core/models/policies/redacting.ts";
import type { LanguageModel, OutputSchema } from "../../../../src/core/models/index.ts";
import { aGeneration, aRequest, scriptedModel } from "../../../support/models.ts";

/** Takes `hunter2` out, also over a line's end. */
const redactor = {
  redact: (text: string) =>
    Promise.resolve({
      text: text.replaceAll(/hun(\n?)ter2/gu, "[redacted:key]$1"),
      found: /hun\n?ter2/u.test(text) ? [{ kind: "key", count: 1 }] : [],
    }),
};

interface Note {
  readonly title: string;
  readonly lines: readonly string[];
}

const schema: OutputSchema<Note> = {
  name: "note",
  json: {},
  parse: (value) =>
    typeof value === "object" && value !== null && "title" in value && "lines" in value
      ? { title: String(value.title), lines: [String(value.lines)] }
      : null,
};

async function said(text: string): Promise<string> {
  const port = scriptedModel((request) => aGeneration(request, { text }));
  const answer = await redacting({ redactor, onEvent: () => {} })(port).generate(aRequest());
  return answer.text;
}

describe("redactAnswer", () => {
  test("takes secrets out of the text of an answer", async () => {
    expect(await said("it is hunter2")).toBe("it is [redacted:key]");
  });

  test("leaves an answer without secrets exactly as it came", async () => {
    const text = String.raw`{"a":"A\/b\n"}`;

    expect(await said(text)).toBe(text);
  });

  test.each([
    String.raw`"\u0068unter2"`,
    String.raw`"h\u200Bunter2"`,
    '"h\u200Bunter2"',
    String.raw`"\\\u0068unter2"`,
  ])("finds a secret that is written as %s", async (text) => {
    expect(await said(text)).toContain("[redacted:key]");
  });

  test("leaves quotes, backslashes and line ends escaped, so that JSON stays JSON", async () => {
    const value = { a: 'hunter2 "quoted" \\ back\nnext \\u0041' };

    expect(JSON.parse(await said(JSON.stringify(value)))).toEqual({
      a: '[redacted:key] "quoted" \\ back\nnext \\u0041',
    });
  });

  test("finds a secret that two fields of the object share, and parses what is left", async () => {
    const object = { title: "a hun", lines: ["ter2 b"] };
    const port: LanguageModel = {
      generate: async (request) => ({
        ...aGeneration(aRequest()),
        text: JSON.stringify(object),
        object: request.schema?.parse(object) ?? null,
      }),
    };

    const answer = await redacting({ redactor, onEvent: () => {} })(port).generate({
      ...aRequest(),
      schema,
    });

    expect(answer.object).toEqual({ title: "a [redacted:key]", lines: [" b"] });
  });

  test("uses no answer that could not be searched", async () => {
    let calls = 0;
    const failing = {
      redact: (text: string) => {
        calls += 1;
        return calls === 1
          ? Promise.resolve({ text, found: [] })
          : Promise.reject(new Error("out of order"));
      },
    };
    const port = scriptedModel();

    await expect(
      redacting({ redactor: failing, onEvent: () => {} })(port).generate(aRequest()),
    ).rejects.toMatchObject({ fault: "redaction", wasSent: true, usage: { inputTokens: 10 } });
  });
});
