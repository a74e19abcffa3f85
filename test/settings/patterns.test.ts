import { describe, expect, test } from "vitest";

import { pathPattern } from "../../src/settings/sections/names.ts";

describe("pathPattern", () => {
  test.each(["src/**", "app/[id]/page.tsx", "{a,b{c,d}}/*.ts", "[!a-z].md", "a..b"])(
    "takes %s",
    (text) => {
      expect(pathPattern.safeParse(text).success).toBe(true);
    },
  );

  test.each(["", "/abs/**", "../up/**", "src/../x", "src/[a", "src/{a", "a}", "{a}}"])(
    "refuses %j where the settings are read",
    (text) => {
      expect(pathPattern.safeParse(text).success).toBe(false);
    },
  );
});
