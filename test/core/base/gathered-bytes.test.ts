import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gatherBytes } from "../../../src/core/base/gathered-bytes.ts";
import { keptBytes } from "../../support/kept-memory.ts";

describe("gatherBytes", () => {
  test("gives back what came in its order, whatever becomes of the parts", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 60 }), (parts) => {
        const expected = Buffer.concat(parts);
        const gathered = gatherBytes();
        for (const part of parts) {
          gathered.add(part);
          part.fill(0);
        }

        expect(gathered.whole().equals(expected)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test("keeps little more than what came in a million parts", async () => {
    const before = await keptBytes();
    const gathered = gatherBytes();
    for (let at = 0; at < 1_000_000; at += 1) {
      gathered.add(Buffer.from([at % 256]));
    }

    expect((await keptBytes()) - before).toBeLessThan(4_000_000);
    expect(gathered.whole()).toHaveLength(1_000_000);
  });
});
