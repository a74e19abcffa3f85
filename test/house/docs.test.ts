import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const pages = readdirSync("docs", { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".md"))
  .map((path) => join("docs", path));

function linksOf(page: string): readonly string[] {
  const text = readFileSync(page, "utf8");
  return [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/gu)].map(([, path = ""]) =>
    join(dirname(page), path),
  );
}

test("the index of the documentation names every page", () => {
  const linked = new Set(linksOf("docs/README.md"));

  expect(pages.filter((page) => page !== "docs/README.md" && !linked.has(page))).toEqual([]);
});

test("every link leads to a file", () => {
  const links = ["README.md", "CONTRIBUTING.md", "llms.txt", ...pages].flatMap(linksOf);

  expect(links.length).toBeGreaterThan(20);
  expect(links.filter((path) => !existsSync(path))).toEqual([]);
});
