import fc from "fast-check";
import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import type { Repository } from "../../../src/adapters/git/index.ts";
import { editedPaths } from "../../../src/mcp/hooks/edited-paths.ts";
import { hookEvents, hosts, parseHookCall } from "../../../src/mcp/hooks/payload.ts";
import { projectPaths } from "../../../src/mcp/hooks/project-paths.ts";

const repository: Repository = {
  root: tmpdir(),
  gitDir: `${tmpdir()}/.git`,
  commonDir: `${tmpdir()}/.git`,
  branch: "main",
  headCommit: null,
  isBare: false,
  isWorktree: false,
  isSubmodule: false,
  ignoresCase: false,
};

/** Texts that paths, patches and ids are attacked with. */
const odd = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("../../../etc/passwd", "/", "//", ".", "..", "~", "C:\\x", "a\0b", "-rf", "*"),
  fc.constantFrom("__proto__", "constructor", "*** Begin Patch\n*** Add File: ../x", "\u202E"),
  fc.integer({ min: 0, max: 3_000 }).map((count) => "a/".repeat(count)),
);

const field = fc.oneof(odd, fc.jsonValue(), fc.array(odd, { maxLength: 5 }));

const payload = fc.dictionary(
  fc.constantFrom("session_id", "agent_id", "cwd", "tool_name", "tool_input", "__proto__", "x"),
  fc.oneof(
    field,
    fc.dictionary(
      fc.constantFrom("file_path", "command", "files", "path", "__proto__", "notebook_path"),
      field,
    ),
  ),
);

describe("a hostile host", () => {
  it("never brings the reading of a call down, nor a path in that is none of the repository's", () => {
    fc.assert(
      fc.property(
        payload,
        fc.constantFrom(...hosts),
        fc.constantFrom(...hookEvents),
        (object, host, event) => {
          const call = parseHookCall(host, event, JSON.stringify(object));

          const paths =
            call === null
              ? []
              : projectPaths({ repository, cwd: call.cwd ?? tmpdir() }, editedPaths(call));

          for (const path of paths) {
            expect(path).not.toMatch(/^(?:\/|\.\.(?:\/|$)|\.git(?:\/|$))|\0/u);
            expect(path).not.toBe("");
          }
        },
      ),
      { numRuns: 400 },
    );
  }, 60_000);

  it("is not believed when its text is no JSON", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        const call = parseHookCall("claude", "pre-edit", text);

        expect(call === null || call.hostSession === null || text.includes("session_id")).toBe(
          true,
        );
      }),
      { numRuns: 2_000 },
    );
  });
});
