import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { manFolder, manPages } from "../../scripts/man-pages.ts";
import { catalog } from "../../src/cli/catalog.ts";

const root = join(import.meta.dirname, "../..");
const folder = join(root, manFolder);

const hasMandoc = spawnSync("mandoc", ["-T", "ascii"], { input: "" }).error === undefined;

describe("the manual pages", () => {
  test("are those of the table of commands: run `npm run schema` after a change", () => {
    const committed = readdirSync(folder).map((name): [string, string] => [
      name,
      readFileSync(join(folder, name), "utf8"),
    ]);

    expect(Object.fromEntries(committed)).toEqual(Object.fromEntries(manPages()));
  });

  test("tell of every command with all its options", () => {
    for (const { name, options } of catalog.filter(({ isHidden }) => isHidden !== true)) {
      const page = manPages().get(`skein-${name.split(" ")[0] ?? ""}.1`) ?? "";
      const [, own = ""] = page.split(`.SS skein ${name}\n`.replaceAll("-", "\\-"));
      for (const { flags } of options) {
        const [flag = ""] = flags.split(" ");
        expect(own.split(".SS ")[0], `${name} ${flag}`).toContain(flag.replaceAll("-", "\\-"));
      }
    }
  });

  test("go with the package, where npm and man find them", () => {
    const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

    expect(manifest).toMatchObject({
      man: [...manPages().keys()].map((name) => `./${manFolder}/${name}`),
      files: expect.arrayContaining([manFolder]),
    });
  });

  test.skipIf(!hasMandoc)("are read by mandoc without a warning", () => {
    const names = [...manPages().keys()].map((name) => join(folder, name));

    const { stdout, status } = spawnSync("mandoc", ["-T", "lint", "-W", "warning", ...names], {
      encoding: "utf8",
    });

    expect([stdout, status]).toEqual(["", 0]);
  });
});
