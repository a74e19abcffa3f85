/** A suite that runs on every store says so behind its name. */
const behindName = / on (better-sqlite3 with groups|better-sqlite3|node:sqlite|PostgreSQL)$/u;

interface Case {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
}

/**
 * The suites that run on every store, name by name, from vitest's JSON report: a line for each case with its sign for each store (`+` passed,
 * `!` failed, `-` left out, a blank: it is not there). None where the report has no such case.
 */
export function contractLines(report: string | null): readonly string[] {
  const found = report === null ? [] : casesOf(report).flatMap(onStore);
  const stores = [...new Set(found.map(({ store }) => store))];
  const names = new Map<string, Map<string, string>>();
  for (const { store, name, sign } of found) {
    const signs = names.get(name) ?? new Map<string, string>();
    names.set(name, signs.set(store, sign));
  }
  if (names.size === 0) {
    return [];
  }
  const cases = [...names].map(
    ([name, signs]) => `${stores.map((store) => signs.get(store) ?? " ").join(" ")}  ${name}`,
  );
  const counts = stores.map(
    (store) =>
      `${String(found.filter((one) => one.store === store && one.sign === "+").length)} on ${store}`,
  );
  return [
    `Suites on every store, by columns: ${stores.join(", ")}`,
    ...cases,
    `${String(names.size)} names passed: ${counts.join(", ")}`,
  ];
}

interface OnStore {
  readonly store: string;
  readonly name: string;
  readonly sign: string;
}

function onStore({ ancestorTitles, title, status }: Case): readonly OnStore[] {
  const at = ancestorTitles.findIndex((name) => behindName.test(name));
  const suite = ancestorTitles[at] ?? "";
  const store = behindName.exec(suite)?.[1];
  if (store === undefined) {
    return [];
  }
  const words = ancestorTitles.with(at, suite.replace(behindName, ""));
  return [{ store, name: [...words, title].join(" > "), sign: signs.get(status) ?? "-" }];
}

const signs: ReadonlyMap<string, string> = new Map([
  ["passed", "+"],
  ["failed", "!"],
]);

function casesOf(report: string): readonly Case[] {
  const value: {
    readonly testResults?: readonly { readonly assertionResults: readonly Case[] }[];
  } = JSON.parse(report);
  return (value.testResults ?? []).flatMap(({ assertionResults }) => assertionResults);
}
