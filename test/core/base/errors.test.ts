import { describe, expect, test } from "vitest";
import { SkeinError, defineErrors } from "../../../src/core/base/errors.ts";

const { gone } = defineErrors({
  gone: {
    code: "SKN-0099",
    kind: "missing",
    title: "It is gone.",
    cause: "Somebody took it.",
    fix: "Look elsewhere.",
  },
});

/** Another copy of the same module, as a bundle has beside the modules that it loads late. */
async function anotherCopy(): Promise<{ readonly SkeinError: typeof SkeinError }> {
  const path = "../../../src/core/base/errors.ts?copy";
  const other: { readonly SkeinError: typeof SkeinError } = await import(path);
  return other;
}

describe("SkeinError", () => {
  test("is known by every copy of its module in the process", async () => {
    const copy = await anotherCopy();
    const theirs = new copy.SkeinError(gone);

    expect(copy.SkeinError).not.toBe(SkeinError);
    expect(theirs instanceof SkeinError).toBe(true);
    expect(new SkeinError(gone) instanceof copy.SkeinError).toBe(true);
  });

  test.each([[null], [undefined], ["text"], [new Error("other")], [{ code: "SKN-0099" }]])(
    "takes %o for no error of its own",
    (value) => {
      expect(value instanceof SkeinError).toBe(false);
    },
  );
});
