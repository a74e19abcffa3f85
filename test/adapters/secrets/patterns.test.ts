import { expect, test } from "vitest";
import { patternSpans } from "../../../src/adapters/secrets/patterns.ts";
import { mintText } from "../../../src/core/access/token.ts";
import { createSeededRandom } from "../../support/virtual-time.ts";

test("knows a token of Skein's own wherever it stands, and no name that begins alike", () => {
  const text = mintText({ project: "loom/shed", id: "t12" }, createSeededRandom(9));
  const line = `SKEIN_TOKEN=${text}, and skein_store_up 1, skein_loom_t1_short`;

  const kinds = patternSpans(line).map(({ kind, start, end }) => [kind, line.slice(start, end)]);

  expect(kinds).toContainEqual(["skein-token", text]);
  expect(kinds.filter(([kind]) => kind === "skein-token")).toHaveLength(1);
});
