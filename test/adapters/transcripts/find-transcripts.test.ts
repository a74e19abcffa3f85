import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { transcriptFolders } from "../../../src/adapters/transcripts/find-transcripts.ts";

describe("transcriptFolders", () => {
  test("takes an empty variable for one that is not set", () => {
    const home = homedir();
    const usual = [join(home, ".claude/projects"), join(home, ".codex/sessions")];

    expect(transcriptFolders({ HOME: "", CLAUDE_CONFIG_DIR: "", CODEX_HOME: "" })).toEqual(usual);
    expect(transcriptFolders({ HOME: "/h", CLAUDE_CONFIG_DIR: "", CODEX_HOME: "/c" })).toEqual([
      "/h/.claude/projects",
      "/c/sessions",
    ]);
  });
});
