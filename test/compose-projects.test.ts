import { describe, expect, test } from "vitest";
import { stateDirOf } from "../src/compose-projects.ts";

describe("stateDirOf", () => {
  test.each([
    [{ HOME: "/home/ada" }, "/home/ada/.local/state/skein"],
    [{ HOME: "/home/ada", XDG_STATE_HOME: "/state" }, "/state/skein"],
    [
      { HOME: "/home/ada", XDG_STATE_HOME: "", SKEIN_STATE_DIR: "" },
      "/home/ada/.local/state/skein",
    ],
    [{ HOME: "/home/ada", SKEIN_STATE_DIR: "/var/lib/skein" }, "/var/lib/skein"],
  ])("of %j is %s", (env, dir) => {
    expect(stateDirOf(env)).toBe(dir);
  });
});
