import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toPatterns } from "../../src/mcp/paths.ts";

let root = "";

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "skein-paths-")));
  mkdirSync(join(root, "app/[id]"), { recursive: true });
  mkdirSync(join(root, "src"));
  writeFileSync(join(root, "app/[id]/page.tsx"), "");
  writeFileSync(join(root, "src/a.ts"), "");
  symlinkSync("src/a.ts", join(root, "link.ts"));
  symlinkSync("src", join(root, "in"));
  symlinkSync("/etc", join(root, "out"));
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

describe("toPatterns", () => {
  test.each([
    { path: "src/a.ts", patterns: ["src/a.ts"] },
    { path: "./src/a.ts", patterns: ["src/a.ts"] },
    { path: "src/../src/new.ts", patterns: ["src/new.ts"] },
    { path: "src", patterns: ["src/"] },
    { path: "later/", patterns: ["later/"] },
    { path: ".", patterns: ["."] },
    { path: "src/**/*.ts", patterns: ["src/**/*.ts"] },
    { path: "app/[id]/page.tsx", patterns: ["app/[id]/page.tsx"] },
    { path: "./src/*.ts", patterns: ["src/*.ts"] },
    { path: "in/*.ts", patterns: ["in/*.ts", "src/*.ts"] },
    { path: "in/**/{a,b}.ts", patterns: ["in/**/{a,b}.ts", "src/**/{a,b}.ts"] },
    { path: "*.ts", patterns: ["*.ts"] },
    { path: "link.ts", patterns: ["link.ts", "src/a.ts"] },
  ])("reads $path as $patterns", ({ path, patterns }) => {
    expect(toPatterns({ root, cwd: root }, [path])).toEqual(patterns);
  });

  test("takes absolute paths", () => {
    expect(toPatterns({ root, cwd: root }, [`${root}/src/a.ts`])).toEqual(["src/a.ts"]);
  });

  test("counts from the root before it counts from where the agent stands", () => {
    const place = { root, cwd: join(root, "src") };

    const patterns = ["src/a.ts", "a.ts", "./b.ts", "c.ts", "./b*.ts", "../*.md", "d*.ts"].flatMap(
      (path) => toPatterns(place, [path]),
    );

    expect(patterns).toEqual([
      "src/a.ts",
      "src/a.ts",
      "src/b.ts",
      "c.ts",
      "src/b*.ts",
      "*.md",
      "d*.ts",
    ]);
  });

  test.each(["../x.ts", "../*.ts", "out/*.ts", "out/passwd", "/etc/passwd", "src/\0a.ts"])(
    "refuses %j",
    (path) => {
      expect(() => toPatterns({ root, cwd: root }, [path])).toThrow(/leads out of the repository/u);
    },
  );
});
