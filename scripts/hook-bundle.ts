import { relative } from "node:path";
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
  banner: { js: "const processMs = () => Number(process.hrtime.bigint()) / 1e6;" },
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
 * Leaves out of a bundle what a run does not need: modules of ours whose exports nobody uses, parts of Node until they are called, and
 * modules that are imported late, which are loaded from the built files.
 */
export function sparing(source: string): Plugin {
  return {
    name: "sparing",
    setup: (build) => {
      deferParts(build);
      const inner = {};
      build.onResolve({ filter: /^\.{1,2}\// }, async (args) => {
        if (args.pluginData === inner || args.kind === "entry-point") {
          return null;
        }
        const { importer, resolveDir, kind, path } = args;
        const found = await build.resolve(path, { importer, resolveDir, kind, pluginData: inner });
        return kind === "dynamic-import"
          ? { path: `./${relative(source, found.path).replace(/\.ts$/, ".js")}`, external: true }
          : { ...found, sideEffects: false };
      });
    },
  };
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
