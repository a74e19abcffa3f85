import { expect, test } from "vitest";
import { catalog as commands } from "../../src/cli/catalog.ts";
import { actions } from "../../src/core/access/index.ts";
import { catalog as tools } from "../../src/mcp/index.ts";

const rows = Object.keys(actions);

function rowsOf(kind: string): readonly string[] {
  return rows
    .filter((row) => row.startsWith(`${kind}:`))
    .map((row) => row.slice(kind.length + 1))
    .toSorted();
}

test("every tool has its row in the table of permissions, and no row is of none", () => {
  expect(rowsOf("tool")).toEqual([...tools.keys()].toSorted());
});

test("every command has its row in the table of permissions, and no row is of none", () => {
  const words = commands.map(({ name }) => name).toSorted();

  expect(rowsOf("command").filter((row) => !row.includes("--"))).toEqual(words);
});

test("a row of an option is of an option that its command has", () => {
  const unknown = rowsOf("command")
    .filter((row) => row.includes("--"))
    .filter((row) => {
      const [words = "", option = ""] = row.split(/ (?=--)/u);
      const spec = commands.find(({ name }) => name === words);
      return spec?.options.some(({ flags }) => flags.split(" ")[0] === option) !== true;
    });

  expect(unknown).toEqual([]);
});
