import { readdirSync, readFileSync } from "node:fs";
import type { Random } from "./planted-random.ts";

/** Hunks without a secret: of this repository's own files, and of code that is made up. */
export interface CleanHunks {
  /** A hunk of about 30 lines of some file here. */
  own(): string;
  /** A hunk of generated code: hashes, identifiers, addresses, configuration. */
  made(): string;
}

export function createCleanHunks(random: Random): CleanHunks {
  const files = ["src", "docs", "scripts", "bench", "package-lock.json", "test/core", "test/cli"]
    .flatMap((place) => filesOf(place))
    .map((path) => readFileSync(path, "utf8").split("\n"))
    .filter((lines) => lines.length > 40);
  return {
    own: () => {
      const lines = random.pick(files);
      const start = random.number(lines.length - 30);
      const signs = ["+", "-", " "];
      return lines
        .slice(start, start + 30)
        .map((line) => random.pick(signs) + line)
        .join("\n");
    },
    made: () => Array.from({ length: 30 }, () => `+${random.pick(makers)(random)}`).join("\n"),
  };
}

function filesOf(place: string): readonly string[] {
  return place.endsWith(".json")
    ? [place]
    : readdirSync(place, { recursive: true, encoding: "utf8" })
        .filter((path) => /\.(?:ts|md)$/u.test(path))
        .map((path) => `${place}/${path}`);
}

const lower = "abcdefghijklmnopqrstuvwxyz";
const hex = "0123456789abcdef";
const base64 = `${lower}${lower.toUpperCase()}0123456789+/`;

function word(random: Random): string {
  return random.text(lower, 3 + random.number(9));
}

function name(random: Random): string {
  const [first, second, third] = [word(random), word(random), word(random)];
  return `${first}${second.charAt(0).toUpperCase()}${second.slice(1)}${third.charAt(0).toUpperCase()}${third.slice(1)}`;
}

const makers: readonly ((random: Random) => string)[] = [
  (random) =>
    `const ${name(random)} = await ${name(random)}(${word(random)}, ${String(random.number(9_999))});`,
  (random) =>
    `import { ${name(random)} } from "../${word(random)}/${word(random)}-${word(random)}.ts";`,
  (random) => `  "integrity": "sha512-${random.text(base64, 86)}==",`,
  (random) =>
    `  resolved "https://registry.npmjs.org/${word(random)}/-/${word(random)}-1.2.3.tgz#${random.text(hex, 40)}"`,
  (random) => `index ${random.text(hex, 7)}..${random.text(hex, 7)} 100644`,
  (random) => `commit ${random.text(hex, 40)}`,
  (random) =>
    `const id = "${[8, 4, 4, 4, 12].map((length) => random.text(hex, length)).join("-")}";`,
  (random) => `  expect(hash).toBe("${random.text(hex, 64)}");`,
  (random) => `FROM node@sha256:${random.text(hex, 64)}`,
  (random) => `  uses: actions/${word(random)}@${random.text(hex, 40)} # v4.1.7`,
  (random) => `  password: process.env.${word(random).toUpperCase()}_PASSWORD,`,
  (random) => `const token = await tokens.next("${word(random)}-${word(random)}");`,
  (random) => `  secret: \${{ secrets.${word(random).toUpperCase()}_TOKEN }}`,
  (random) =>
    `const tokenLimit = ${String(random.number(100_000))}; // input tokens of ${name(random)}`,
  (random) => `  api_key: env:${word(random).toUpperCase()}_API_KEY`,
  (random) => `export function ${name(random)}({ accessKey, secretKey }: Credentials): string {`,
  (random) =>
    `<path d="M${Array.from({ length: 12 }, () => String(random.number(999))).join(" ")}Z" fill="#${random.text(hex, 6)}"/>`,
  (random) =>
    `https://example.org/${word(random)}?page=${String(random.number(99))}&sort=${word(random)}`,
  (random) => `background: url(data:image/png;base64,${random.text(base64, 60)});`,
  (random) => `| ${word(random)} | ${String(random.number(9_999))} | ${word(random)}@example.org |`,
];
