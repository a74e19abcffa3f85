import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { BuildOptions, PluginBuild, Plugin } from "esbuild";

/**
 * How the hooks' program is bundled: for the shortest start. As CommonJS, since Node's loader of ES modules alone takes longer than the
 * program; made small, since Node reads all of it; what is imported from npm is loaded from there.
 */
export const hookOptions: BuildOptions = {
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node22.18",
  minify: true,
  external: ["better-sqlite3", "pg", "redis", "yaml", "zod"],
  // The clock of `performance` comes with a module of its own; that of the process is there.
  define: { "import.meta.url": "__filename", "performance.now": "processMs" },
  banner: {
    js: [
      "const processMs = () => Number(process.hrtime.bigint()) / 1e6;",
      "const loadLate = (path) => module.loadLate?.(path) ?? import(path);",
    ].join(""),
  },
  legalComments: "none",
  logLevel: "warning",
};

/** Parts of Node that take milliseconds to load and that most runs of a hook never call. */
const heavyParts: ReadonlySet<string> = new Set([
  "node:child_process",
  "node:crypto",
  "node:fs/promises",
  "node:net",
  "node:os",
]);

/**
 * Writes a hash of a bundle into its first line, by which the code that V8 compiled of it is told from that of another build.
 *
 * @throws when a character of it is not of ASCII: it is read as bytes, in a third of the time.
 */
export function stampBundle(file: string): void {
  const text = readFileSync(file, "utf8");
  const odd = /\P{ASCII}/u.exec(text);
  if (odd !== null) {
    throw new Error(
      `${file} has U+${String(odd[0].codePointAt(0)?.toString(16))}: write it as an escape.`,
    );
  }
  writeFileSync(file, `//${createHash("sha256").update(text).digest("hex").slice(0, 16)}\n${text}`);
}

/**
 * Leaves out of a bundle what a run does not need: modules of ours whose exports nobody uses, parts of Node until they are called, and
 * modules that are imported late, which are loaded from the built files.
 */
export function sparing(source: string): Plugin {
  return {
    name: "sparing",
    setup: (build) => {
      deferParts(build);
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
        contents: withLateLoading(source, path, readFileSync(path, "utf8")),
        loader: "ts",
      }));
      const inner = {};
      build.onResolve({ filter: /^\.{1,2}\// }, async (args) => {
        if (args.pluginData === inner || args.kind === "entry-point") {
          return null;
        }
        const { importer, resolveDir, kind, path } = args;
        const found = await build.resolve(path, { importer, resolveDir, kind, pluginData: inner });
        return { ...found, sideEffects: false };
      });
    },
  };
}

/** A module that is imported late is loaded from its built file, beside the bundle. */
function withLateLoading(source: string, path: string, text: string): string {
  return text.replaceAll(/\bimport\("(\.[^"]+)\.ts"\)/gu, (_whole, target: string) => {
    const built = relative(source, join(dirname(path), target)).replaceAll(sep, "/");
    return `loadLate(${JSON.stringify(`./${built}.js`)})`;
  });
}

function deferParts(build: PluginBuild): void {
  build.onResolve({ filter: /^node:/ }, ({ path }) =>
    heavyParts.has(path) ? { path, namespace: "deferred", sideEffects: false } : null,
  );
  build.onLoad({ filter: /^/, namespace: "deferred" }, async ({ path }) => {
    const part: Readonly<Record<string, unknown>> = await import(path);
    const names = Object.keys(part).filter(
      (name) => name !== "default" && typeof part[name] === "function",
    );
    const load = `process.getBuiltinModule(${JSON.stringify(path)})`;
    return {
      contents: names
        .map((name) => `export function ${name}(...args) { return ${load}.${name}(...args); }`)
        .join("\n"),
    };
  });
}
