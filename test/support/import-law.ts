import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync, Visitor } from "oxc-parser";

/** One source file: its path below the repository's root, `/`-separated, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** One row of the law: what a module may import, besides itself. */
export type ImportLaw = Readonly<Record<string, readonly string[]>>;

/** What `breaches` needs to know besides the files. */
export interface House {
  readonly law: ImportLaw;
  /** Files that may import one file more than their module may: importing file to the file it may import. */
  readonly exceptions: ImportLaw;
  /** Modules whose every file may be imported; all others are entered by their `index.ts`. */
  readonly open: readonly string[];
  /** Packages of a vendor, each with the folders where it may be imported. */
  readonly vendors: ImportLaw;
}

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Reads every TypeScript file below `src/`. */
export function readSources(): readonly SourceFile[] {
  return readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .map((path) => `src/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".ts") || path.endsWith(".tsx"))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** Names every breach of the import law, as a sentence with file and import; empty where the house stands. */
export function importBreaches(files: readonly SourceFile[], house: House): readonly string[] {
  const modules = Object.keys(house.law);
  return files.flatMap((file) => {
    const from = moduleOf(file.path, modules);
    if (from === null) {
      return [`${file.path} belongs to no module of the table`];
    }
    return importsOf(file).flatMap((specifier) => {
      const reason = specifier.startsWith(".")
        ? reasonAgainst(
            { file, from, target: posix.join(posix.dirname(file.path), specifier) },
            house,
          )
        : vendorReason(file, specifier, house);
      return reason === null ? [] : [`${file.path} imports ${specifier}: ${reason}`];
    });
  });
}

/** What core must not reach for, and what to take instead. */
const FORBIDDEN: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bDate\.now\b/, "Date.now: take a Clock"],
  [/\bnew Date\(\s*\)/, "new Date(): take a Clock"],
  [/\bMath\.random\b/, "Math.random: take a source of randomness"],
  [/\bprocess\.env\b/, "process.env: take settings"],
  [/\bconsole\./, "console: answer with a value"],
  [/(?<![.\w])fetch\(/, "fetch: declare a port"],
];

/** Names every use of time, chance, environment, terminal or network in the given files; comments and texts do not count. */
export function ambientBreaches(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) => {
    const code = withoutWords(file);
    return FORBIDDEN.filter(([pattern]) => pattern.test(code)).map(
      ([, instead]) => `${file.path} uses ${instead}`,
    );
  });
}

/** Names every file of more than `limit` lines. */
export function lengthBreaches(files: readonly SourceFile[], limit: number): readonly string[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split("\n").length;
    return lines > limit ? [`${path} has ${lines} lines, more than ${limit}`] : [];
  });
}

interface Crossing {
  readonly file: SourceFile;
  readonly from: string;
  readonly target: string;
}

function reasonAgainst({ file, from, target }: Crossing, house: House): string | null {
  const to = moduleOf(target, Object.keys(house.law));
  if (to === null) {
    return "it belongs to no module of the table";
  }
  if (to === from || (house.exceptions[file.path] ?? []).includes(target)) {
    return null;
  }
  if (!(house.law[from] ?? []).includes(to)) {
    return `${from} may not import ${to}`;
  }
  const isDoor = target === to || target === `${to}/index.ts` || house.open.includes(to);
  return isDoor ? null : `${to} is entered by its index.ts`;
}

function vendorReason(file: SourceFile, specifier: string, house: House): string | null {
  const vendor = Object.keys(house.vendors).find(
    (name) => specifier === name || specifier.startsWith(`${name}/`),
  );
  if (vendor === undefined) {
    const isKnown = specifier.startsWith("node:");
    return isKnown ? null : "no row of the table says where this package may be imported";
  }
  const places = house.vendors[vendor] ?? [];
  const isAllowed = places.some(
    (place) => file.path === place || file.path.startsWith(`${place}/`),
  );
  return isAllowed ? null : `${vendor} is for ${places.join(", ")}`;
}

/** The longest row of the table that the path lies in: a file's own row, else its folder's. */
function moduleOf(path: string, modules: readonly string[]): string | null {
  const found = modules.filter((name) => path === name || path.startsWith(`${name}/`));
  return found.toSorted((a, b) => b.length - a.length)[0] ?? null;
}

function importsOf({ path, text }: SourceFile): readonly string[] {
  const { module, program, errors } = parseSync(path, text);
  if (errors.length > 0) {
    throw new Error(`${path} cannot be parsed: ${errors[0]?.message ?? ""}`);
  }
  const found = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => (moduleRequest === null ? [] : [moduleRequest.value])),
    ),
  ];
  new Visitor({
    ImportExpression({ source }) {
      if (source.type === "Literal" && typeof source.value === "string") {
        found.push(source.value);
      }
    },
  }).visit(program);
  return found;
}

/** The text with comments and string literals blanked, so that only code is left to look at. */
function withoutWords({ path, text }: SourceFile): string {
  const { comments, program } = parseSync(path, text);
  const spans: { readonly start: number; readonly end: number }[] = [...comments];
  new Visitor({
    Literal(node) {
      if (typeof node.value === "string") {
        spans.push(node);
      }
    },
    TemplateElement(node) {
      spans.push(node);
    },
  }).visit(program);
  return spans.reduce(
    (code, { start, end }) => code.slice(0, start) + " ".repeat(end - start) + code.slice(end),
    text,
  );
}
