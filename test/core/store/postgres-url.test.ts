import { describe, expect, test } from "vitest";
import { parseDatabaseUrl } from "../../../src/core/store/dialects/postgres-url.ts";

describe("parseDatabaseUrl", () => {
  test.each([
    "postgres://skein@a,b/skein?target_session_attrs=read-write",
    "postgres://skein:a-secret@a:5432,b:5433/skein",
    "postgresql://a,b/skein",
  ])("says of %s that it names several hosts, to which the driver would not connect", (url) => {
    const read = (): unknown => parseDatabaseUrl(url);

    expect(read).toThrow(
      expect.objectContaining({
        code: "SKN-2021",
        message: "The address of the database names several hosts.",
      }),
    );
    expect(read).not.toThrow("a-secret");
  });

  test.each(["postgres://a,b:c,d@db/skein", "postgres://ada@db/a,b?options=x,y"])(
    "takes commas elsewhere, as in %s",
    (url) => {
      expect(parseDatabaseUrl(url).shown).toContain("@db/");
    },
  );
});
