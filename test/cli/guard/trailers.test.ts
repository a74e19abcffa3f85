import { describe, expect, it } from "vitest";
import { createGit } from "../../../src/adapters/git/index.ts";
import { addSession, addTrailers, withoutOldFence } from "../../../src/cli/guard/trailers.ts";
import { readMarks } from "../../../src/core/rules/index.ts";

const git = createGit({ cwd: process.cwd(), env: process.env });
const mark = { task: "prices/T1", fence: 31 };

async function marked(text: string, marks = [mark]): Promise<string> {
  return addTrailers(git, { path: "COMMIT_EDITMSG", text }, marks);
}

describe("addTrailers", () => {
  it("puts the pair where git looks for trailers", async () => {
    expect(await marked("Extract the rules\n\nWhy.\n")).toBe(
      "Extract the rules\n\nWhy.\n\nSkein-Task: prices/T1\nSkein-Fence: 31\n",
    );
  });

  it("parts the pair from a last line without an end, as of a merge", async () => {
    expect(await marked("Merge branch 'main' into ada")).toBe(
      "Merge branch 'main' into ada\n\nSkein-Task: prices/T1\nSkein-Fence: 31\n",
    );
    expect(await addSession(git, "Merge branch 'main' into ada", "clone123/s7")).toBe(
      "Merge branch 'main' into ada\n\nSkein-Session: clone123/s7\n",
    );
  });

  it("changes nothing when the pair is there, as on an amend", async () => {
    const once = await marked("Extract\n");

    expect(await marked(once)).toBe(once);
  });

  it("joins trailers of others", async () => {
    expect(await marked("Extract\n\nSigned-off-by: Ada <ada@example.com>\n")).toBe(
      "Extract\n\nSigned-off-by: Ada <ada@example.com>\nSkein-Task: prices/T1\nSkein-Fence: 31\n",
    );
  });

  it("replaces an older fence of the same task", async () => {
    const old = await marked("Extract\n", [{ task: "prices/T1", fence: 12 }]);

    expect(await marked(old)).toBe("Extract\n\nSkein-Task: prices/T1\nSkein-Fence: 31\n");
  });

  it("keeps the marks of other tasks, as in a squash", async () => {
    const other = await marked("Squashed\n", [{ task: "prices/T9", fence: 5 }]);

    expect(readMarks(await marked(other))).toEqual([{ task: "prices/T9", fence: 5 }, mark]);
  });

  it("leaves git's comments below", async () => {
    const text = await marked("Extract\n\n# Please enter the commit message\n# On branch x\n");

    expect(readMarks(text)).toEqual([mark]);
    expect(text).toContain("# On branch x");
  });
});

describe("withoutOldFence", () => {
  it("takes no fence of another task", () => {
    const text = "x\n\nSkein-Task: prices/T9\nSkein-Fence: 5\n";

    expect(withoutOldFence(text, mark)).toBe(text);
  });
});

describe("readMarks", () => {
  it("believes no mark that is not a plain pair", () => {
    expect(readMarks("Skein-Task: prices/T1\n\nSkein-Fence: 31\n")).toEqual([]);
    expect(readMarks("Skein-Task: ../x y\nSkein-Fence: 31\n")).toEqual([]);
    expect(readMarks("Skein-Task: prices/T1\nSkein-Fence: -1\n")).toEqual([]);
  });
});

describe("addSession", () => {
  it("names a session once, and another one beside it", async () => {
    const once = await addSession(git, "Extract\n", "clone123/s7");

    expect(once).toBe("Extract\n\nSkein-Session: clone123/s7\n");
    expect(await addSession(git, once, "clone123/s7")).toBe(once);
    expect(await addSession(git, once, "clone123/s8")).toBe(
      "Extract\n\nSkein-Session: clone123/s7\nSkein-Session: clone123/s8\n",
    );
  });
});
