import { describe, expect, test } from "vitest";
import { createRedactor, findSightings } from "../../../src/adapters/secrets/index.ts";
import { parseDiff } from "../../../src/core/review/index.ts";

const token = ["ghp", "0123456789abcdefghijABCDEFGHIJ012345"].join("_");
const known = "correct-horse-battery-staple";

function diffOf(...added: readonly string[]) {
  return parseDiff(
    [
      "diff --git a/a.ts b/a.ts",
      "--- a/a.ts",
      "+++ b/a.ts",
      `@@ -1,2 +1,${String(added.length + 1)} @@`,
      ` const old = "${token}";`,
      `-const gone = "${token}";`,
      ...added.map((line) => `+${line}`),
      "",
    ].join("\n"),
  );
}

describe("findSightings", () => {
  const redactor = createRedactor({ known: () => [known] });

  test("names added lines by place and kind, and no others", async () => {
    const sightings = await findSightings(
      diffOf("const a = 1;", `const key = "${token}";`, `say("${known}")`),
      redactor,
    );

    expect(sightings).toEqual([
      { path: "a.ts", line: 3, kind: expect.stringMatching(/github/u) },
      { path: "a.ts", line: 4, kind: expect.any(String) },
    ]);
    expect(JSON.stringify(sightings)).not.toContain(token);
  });

  test("finds nothing in a clean change", async () => {
    expect(await findSightings(diffOf("const a = 1;"), redactor)).toEqual([]);
  });

  test("fails when the redactor does", async () => {
    const broken = createRedactor({ known: () => Promise.reject(new Error("no")) });

    await expect(findSightings(diffOf("const a = 1;"), broken)).rejects.toThrow("no");
  });
});
