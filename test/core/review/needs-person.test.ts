import { describe, expect, test } from "vitest";

import { personNotes } from "../../../src/core/review/needs-person.ts";
import { aFile } from "../../support/review.ts";

describe("personNotes", () => {
  test.each([
    ".github/workflows/ci.yml",
    "src/auth/session.ts",
    "src/auth.ts",
    "src/user-auth.py",
    "src/authz/rules.ts",
    "lib/authentication/basic.rb",
    "app/AuthService.java",
    "app/OAuthClient.kt",
    "src/permissions.ts",
    "deploy/secrets.yaml",
    "src/prompts/vote.ts",
    "AGENTS.md",
    "docs/REVIEW.md",
    "package-lock.json",
    "bun.lock",
    "deno.lock",
    "ios/Podfile.lock",
    "infra/.terraform.lock.hcl",
    "skein.yml",
    "docs/CODEOWNERS",
    "GEMINI.md",
    ".cursor/rules/all.mdc",
    "pkg/.claude/settings.json",
    ".mcp.json",
    "src/JWTAuth.ts",
    "src/authenticate.ts",
    "lib/authorizer.py",
    "lib/auth0.py",
  ])("says that a change of %s needs a person", (path) => {
    expect(personNotes([aFile({ path })])).toEqual([`Needs a person: ${path}.`]);
  });

  test.each([
    "src/author.ts",
    "src/authoring/a.ts",
    "src/prompter.ts",
    "package.json",
    "github/a.ts",
    "src/cursor/a.ts",
    "docs/skein.yml.md",
  ])("says nothing of %s", (path) => {
    expect(personNotes([aFile({ path })])).toEqual([]);
  });

  test("looks at either side of a rename", () => {
    const moved = aFile({
      path: "old/ci.yml",
      oldPath: ".github/workflows/ci.yml",
      kind: "renamed",
    });

    expect(personNotes([moved])).toEqual(["Needs a person: .github/workflows/ci.yml."]);
  });

  test("names five paths, each once, and counts the others", () => {
    const files = [1, 2, 3, 4, 5, 6, 7, 7].map((number) =>
      aFile({ path: `.github/${String(number)}.yml` }),
    );

    expect(personNotes(files)).toEqual([
      "Needs a person: .github/1.yml, .github/2.yml, .github/3.yml, .github/4.yml, .github/5.yml and 2 more.",
    ]);
  });
});
