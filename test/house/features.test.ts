import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { catalog } from "../../src/cli/catalog.ts";
import { defaults } from "../../src/settings/explain/defaults.ts";

/** How many requirements there are under each letter. */
const requirements = { A: 13, B: 12, C: 9, D: 15, E: 15, F: 6 } as const;

interface Row {
  readonly name: string;
  readonly where: string;
  readonly proof: string;
  readonly state: string;
}

const rows: readonly Row[] = readFileSync("docs/features.md", "utf8")
  .split("\n")
  .filter((line) => /^\| [A-F]\d/u.test(line))
  .map((line) => {
    const [, name = "", , where = "", proof = "", state = ""] = line.split("|");
    return { name: name.trim(), where, proof, state: state.trim() };
  });

/** What stands in backquotes, with whether it stands in brackets. */
function quoted(text: string): readonly { readonly name: string; readonly isInner: boolean }[] {
  return [...text.matchAll(/`([^`]+)`/gu)].map((match) => {
    const before = text.slice(0, match.index);
    const isInner = before.lastIndexOf("(") > before.lastIndexOf(")");
    return { name: match[1] ?? "", isInner };
  });
}

function commandOf(words: string): boolean {
  const text = words.replace(/^skein /u, "");
  return catalog.some(({ name, options }) => {
    const isIt = text === name || text.startsWith(`${name} `) || name.startsWith(`${text} `);
    const flags = [...text.matchAll(/--[a-z-]+/gu)].map(([flag]) => flag);
    return isIt && flags.every((flag) => options.some((each) => each.flags.startsWith(flag)));
  });
}

function isSetting(name: string): boolean {
  return Object.keys(defaults).some((key) => key === name || key.startsWith(`${name}.`));
}

/** The places of a row that are not there: folders and files below `src` or the top, and what is said to be in them. */
function missingPlaces(where: string): readonly string[] {
  let place = "";
  return quoted(where).flatMap(({ name, isInner }) => {
    if (!isInner) {
      place = [`src/${name}`, `src/${name}.ts`, name].find((path) => existsSync(path)) ?? "";
      return place === "" ? [name] : [];
    }
    const isThere =
      existsSync(join(place, name)) ||
      existsSync(join(place, `${name}.ts`)) ||
      (place.startsWith("src/cli") && commandOf(name)) ||
      (place.startsWith("src/settings") && isSetting(name));
    return isThere ? [] : [`${place} (${name})`];
  });
}

/** The tests of a row that are not there; one without a folder stands beside the one before it. */
function missingTests(proof: string): readonly string[] {
  let folder = "";
  return quoted(proof).flatMap(({ name }) => {
    const path = isTest(name) ? name : join(folder, name);
    const [found] = globSync(path);
    if (found === undefined) {
      return [path];
    }
    folder = statSync(found).isDirectory() ? found : dirname(found);
    return [];
  });
}

function wordsOf(text: string): readonly string[] {
  return quoted(text).map(({ name }) => name);
}

/** True for what looks like a command or a setting and is none. */
function isGone(name: string): boolean {
  const isSettingsKey = /^[a-z]+(?:\.[a-z_]+)+$/u.test(name) && !name.endsWith(".yml");
  return (/^skein [a-z]/u.test(name) && !commandOf(name)) || (isSettingsKey && !isSetting(name));
}

function isTest(name: string): boolean {
  return /^(?:bench|test)\//u.test(name);
}

/** What is wrong with each row, behind its number. */
function faults(of: (row: Row) => readonly string[]): readonly string[] {
  return rows.flatMap((row) => of(row).map((fault) => `${row.name}: ${fault}`));
}

describe("docs/features.md", () => {
  test("has a row for every requirement, in their order", () => {
    const all = Object.entries(requirements).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, at) => `${letter}${String(at + 1)}`),
    );

    expect([...new Set(rows.map(({ name }) => name))]).toEqual(all);
  });

  test("says of each done, part or not built, and names place and proof of what there is", () => {
    const wrong = rows.filter(({ where, proof, state }) => {
      const isBuilt = !state.startsWith("not built");
      const isTold = /^(?:done|not built|part)(?=[:; ,]|$)/u.test(state);
      return !isTold || (where.trim() !== "") !== isBuilt || (proof.trim() !== "") !== isBuilt;
    });

    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  test("names places that are there", () => {
    expect(faults(({ where }) => missingPlaces(where))).toEqual([]);
  });

  test("names tests that are there", () => {
    const named = faults(({ proof, state }) => [
      ...missingTests(proof),
      ...wordsOf(state).filter((name) => isTest(name) && !existsSync(name)),
    ]);

    expect(named).toEqual([]);
  });

  test("names commands and settings that are there", () => {
    const named = faults(({ state }) => wordsOf(state).filter((name) => isGone(name)));

    expect(named).toEqual([]);
  });

  test("would tell of a place, a test or a command that is gone", () => {
    expect(missingPlaces("`core/review` (`vote/mix`, `vote/gone`), `gone`, `cli` (`kpi`)")).toEqual(
      ["src/core/review (vote/gone)", "gone"],
    );
    expect(missingTests("`test/core/plans/decisions.test.ts`, `gone.test.ts`")).toEqual([
      "test/core/plans/gone.test.ts",
    ]);
    expect(["skein cost --by outcome", "skein cost --gone", "skein gone"].map(commandOf)).toEqual([
      true,
      false,
      false,
    ]);
  });
});
