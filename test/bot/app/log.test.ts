import { expect, test } from "vitest";

import { createAppLog } from "../../../src/bot/app/log.ts";
import { SkeinError } from "../../../src/core/base/errors.ts";
import { modelErrors } from "../../../src/core/models/index.ts";

test("a failure is logged with its code and next step, which no fact takes the place of", () => {
  const lines: string[] = [];
  const log = createAppLog(
    (line) => lines.push(line),
    () => 0,
  );
  const facts = { code: "SKN-0001", fix: "Nothing.", provider: "own" };

  log.fault("delivery", new SkeinError(modelErrors.refusedInApp, { facts }), { end: "dead" });

  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    code: "SKN-8757",
    fix: modelErrors.refusedInApp.fix,
    provider: "own",
    end: "dead",
  });
});
