import { describe, expect, test } from "vitest";
import { hooksRunBy, ownHookWords } from "../../../src/cli/init/hook-command.ts";
import { commandLine } from "../../../src/cli/init/launch.ts";
import type { Launch } from "../../../src/cli/init/launch.ts";

const launches: readonly Launch[] = [
  { kind: "absolute", node: "/usr/bin/node", bin: "/opt/skein/bin/skein.js" },
  { kind: "absolute", node: "/home/é b/$HOME/node24", bin: "/a'b\"c\\d/`e`/bin/skein.js" },
  { kind: "absolute", node: "C:\\Program Files\\node.exe", bin: "C:\\skein\\bin\\skein.js" },
  { kind: "project" },
  { kind: "npx" },
];

describe("ownHookWords", () => {
  test.each(launches)("knows what init writes: %j", (launch) => {
    for (const root of ["CLAUDE_PROJECT_DIR", null]) {
      const words = ["hook", "claude", "pre-edit"];

      expect(ownHookWords(commandLine(launch, words, root))).toBe("hook claude pre-edit");
    }
  });

  test.each([
    "skein hook claude stop",
    "  skein  hook\tclaude stop ",
    "'skein' \"hook\" claude st'op'",
    "npx -y skein hook claude stop",
  ])("knows the same words in other quotes, and older ones: %s", (command) => {
    expect(ownHookWords(command)).toBe("hook claude stop");
  });

  test.each([
    "",
    "skein",
    "skein hook claude",
    "skein hook claude stop now",
    "skein hook claude Stop!",
    "skein\nhook claude stop",
    "skein hook claude stop\n./mine",
    "skein hook claude stop #",
    "skein hook claude stop &",
    "skein hook claude stop 2>/dev/null",
    "(skein hook claude stop)",
    "! skein hook claude stop",
    "skein hook claude $EVENT",
    "skein hook claude sto?",
    "skein hook claude 'stop",
    "skein hook claude stop\\",
    "skein 'hook claude stop'",
    "./skein hook claude stop",
    "myskein hook claude stop",
    "node ./bin/skein.js hook claude stop",
    "node /opt/skein.js hook claude stop",
    "node --inspect /opt/skein/bin/skein.js hook claude stop",
    "mine /opt/skein/bin/skein.js hook claude stop",
    'node "$(mine)/opt/skein/bin/skein.js" hook claude stop',
    'node "/$(mine)/bin/skein.js" hook claude stop',
    'node "`mine`/bin/skein.js" hook claude stop',
    "npx skein@1 hook claude stop",
    "npx --package mine skein hook claude stop",
    "npx -y",
  ])("leaves to its person: %j", (command) => {
    expect(ownHookWords(command)).toBeNull();
  });
});

describe("hooksRunBy", () => {
  test.each([
    ["a && skein hook claude stop; node /x/skein.js hook claude stop | b", 2],
    ["(cd x; A=1 env B=2 timeout 5s npx skein@1 hook claude stop)", 1],
    ["x=$(skein hook claude stop)", 1],
    ["bash -lc \"sh -c 'skein hook claude stop'\"", 1],
    ["if true; then /opt/bin/skein hook claude stop; fi", 1],
    ["echo skein hook claude stop", 0],
    ["skein doctor", 0],
    ["my-webhook claude stop", 0],
    ["sh -c", 0],
    ["'", 0],
  ])("finds what a longer command runs: %s", (command, count) => {
    expect(hooksRunBy(command)).toEqual(Array.from({ length: count }, () => "hook claude stop"));
  });

  test("takes no time that grows faster than the command", () => {
    for (const part of ["'a' ", "skein ", "a/", "\\", '"', "a=b ", "$(", "sh -c ", "-c "]) {
      const begun = performance.now();
      hooksRunBy(part.repeat(200_000 / part.length));
      ownHookWords(part.repeat(200_000 / part.length));

      expect(performance.now() - begun, part).toBeLessThan(8_000);
    }
  }, 60_000);
});
