import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const source = readFileSync("bench/main.ts", "utf8");
const page = readFileSync("docs/benchmarks.md", "utf8");

/** The names in one of the lists of `bench/main.ts`. */
function listed(list: "usual" | "optional"): readonly string[] {
  const text = new RegExp(`const ${list} = \\[([^\\]]*)\\]`, "u").exec(source)?.[1] ?? "";
  return [...text.matchAll(/"([a-z-]+)"/gu)].map(([, name = ""]) => name);
}

function namesOf(text: string): readonly string[] {
  return [...text.matchAll(/`([a-z-]+)`/gu)].map(([, name = ""]) => name);
}

test("docs/benchmarks.md says what each bench measures, and no other", () => {
  const table = page.split("## What is measured")[1]?.split("\n## ")[0] ?? "";
  const told = table.split("\n").flatMap((line) => namesOf(line.split("|")[1] ?? ""));

  expect(told.toSorted()).toEqual([...listed("usual"), ...listed("optional")].toSorted());
});

test("docs/benchmarks.md says which benches run only when they are named", () => {
  const line = /^npm run bench +all but (.*)$/mu.exec(page)?.[1] ?? "";

  expect(namesOf(line).toSorted()).toEqual(listed("optional").toSorted());
});
