import { expect, test } from "vitest";

import { SkeinError } from "../../src/core/base/errors.ts";
import { settingsErrors } from "../../src/settings.ts";
import { argumentError, refusal, reply, replyText } from "../../src/mcp/reply.ts";

test("a refusal hides nothing in the names of others that it tells", () => {
  const message = "`\u{1B}[31m\u{202E}\u{E0041}\u{3164}red` is no setting.";

  const { content, structuredContent } = refusal(
    new SkeinError(settingsErrors.settingsKey, {
      message,
      fix: message,
      facts: { key: message, errors: [{ message }], line: 1 },
    }),
  );

  expect(structuredContent).toMatchObject({
    error: {
      message: "`[31mred` is no setting.",
      fix: "`[31mred` is no setting.",
      facts: {
        key: "`[31mred` is no setting.",
        errors: [{ message: "`[31mred` is no setting." }],
        line: 1,
      },
    },
    next: "`[31mred` is no setting.",
  });
  expect(content).toEqual([{ type: "text", text: JSON.stringify(structuredContent) }]);
});

test("an answer as text is what the answer comes to as JSON", () => {
  const answer = {
    session: "näh \u{1F600}\u2028",
    text: `"\\\n\u0000\u{D800}`,
    none: undefined,
    nothing: null,
    list: [1, { a: [] }, undefined],
  };

  expect(replyText(answer)).toBe(JSON.stringify(reply(answer)));
});

test("a field that is not known is told with the one that was meant", () => {
  const issue = {
    code: "unrecognized_keys" as const,
    keys: ["bse"],
    path: [],
    message: "",
    input: {},
  };

  expect(argumentError([issue], ["base", "preset"]).message).toBe(
    "unknown field `bse`, probably for `base`.",
  );
});
