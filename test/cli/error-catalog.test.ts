import { describe, expect, test } from "vitest";
import { errorCatalog } from "../../src/cli/error-catalog.ts";
import { readSources } from "../support/import-law.ts";
import { commandsPage, errorsPage } from "../../scripts/cli-pages.ts";
import { ownFile } from "./command-line.ts";

const hundreds = { usage: 1, config: 2, auth: 3, conflict: 4, missing: 5, budget: 6 } as const;

describe("errorCatalog", () => {
  test("has each code once", () => {
    const codes = errorCatalog.map(({ code }) => code);

    expect(codes.filter((code, at) => codes.indexOf(code) !== at)).toEqual([]);
  });

  test("has every code that a module declares", () => {
    const declared = readSources()
      .filter(({ path }) => path.endsWith("/errors.ts"))
      .flatMap(({ text }) => [...text.matchAll(/code: "(SKN-\d{4})"/gu)])
      .map(([, code = ""]) => code);

    expect(errorCatalog.map(({ code }) => code)).toEqual(
      declared.toSorted((one, other) => one.localeCompare(other)),
    );
  });

  test("has every code that the sources speak of", () => {
    const known = new Set<string>(errorCatalog.map(({ code }) => code));
    const spoken = readSources().flatMap(({ path, text }) =>
      [...text.matchAll(/SKN-\d{4}/gu)].map(([code]) => [path, code] as const),
    );

    expect(spoken.filter(([, code]) => !known.has(code))).toEqual([]);
  });

  test("says what to do in whole sentences, under a code of the error's kind", () => {
    for (const { code, kind, title, cause, fix } of errorCatalog) {
      expect(
        [title, cause, fix].every((text) => text.length > 10),
        code,
      ).toBe(true);
      const thousand = Object.entries(hundreds).find(([name]) => name === kind)?.[1];
      expect(thousand ?? Number(code[4]), code).toBe(Number(code[4]));
    }
  });

  test("is what docs/errors.md says: run `npm run schema` after a change", () => {
    expect(ownFile("docs/errors.md")).toBe(errorsPage());
  });
});

test("docs/cli.md lists the commands as they are: run `npm run schema` after a change", () => {
  const page = ownFile("docs/cli.md");

  expect(page).toBe(commandsPage(page));
  expect(page).toContain("`skein task why TASK`");
});
