import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import type { BuildOptions, Plugin } from "esbuild";

/**
 * How a whole program is bundled: one file in place of hundreds, since each costs a search, a read and a link at every start. Parts that are
 * imported late are in the file and run late. As CommonJS, which starts sooner; what comes from npm stays where npm put it.
 */
export const programOptions: BuildOptions = {
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node22.18",
  minifySyntax: true,
  minifyWhitespace: true, // names stay: the traces of `--debug` need them
  packages: "external",
  banner: {
    js: 'const builtAt = (path) => require("node:url").pathToFileURL(`${__dirname}/${path}`).href;',
  },
  legalComments: "none",
  logLevel: "warning",
};

/** Lets each module of a bundle in the root of `dist/` believe that it is its own built file: paths beside it are found from there. */
export function asBuilt(source: string): Plugin {
  return {
    name: "as-built",
    setup: (build) => {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const own = relative(source, path).replaceAll(sep, "/").replace(/\.ts$/, ".js");
        const text = readFileSync(path, "utf8");
        const url = `builtAt(${JSON.stringify(own)})`;
        return { contents: text.replaceAll("import.meta.url", url), loader: "ts" };
      });
    },
  };
}

/** Packages of which a program only calls functions and makes objects, and most runs none. */
const latePackages = ["smol-toml", "yaml"] as const;

/** Loads a package with the first use of anything in it. */
export function lateLoading(): Plugin {
  return {
    name: "late-loading",
    setup: (build) => {
      build.onResolve({ filter: new RegExp(`^(?:${latePackages.join("|")})$`) }, (args) =>
        args.namespace === "late"
          ? { path: args.path, external: true }
          : { path: args.path, namespace: "late", sideEffects: false },
      );
      build.onLoad({ filter: /^/, namespace: "late" }, async ({ path }) => {
        const part: Readonly<Record<string, unknown>> = await import(path);
        const names = Object.keys(part).filter((name) => typeof part[name] === "function");
        return { contents: [loadOf(path), ...names.map((name) => lateExport(name))].join("\n") };
      });
    },
  };
}

function loadOf(path: string): string {
  return `const load = () => require(${JSON.stringify(path)});`;
}

function lateExport(name: string): string {
  const answer = `new.target ? new (load().${name})(...args) : load().${name}(...args)`;
  return `export function ${name}(...args) { return ${answer}; }`;
}

/** ES modules whose default export is used: `require` answers with the module, and a bundle would take that for its default. */
const defaultPackages = ["p-queue"] as const;

/** Takes the default export out of an ES module that is loaded with `require`. */
export function esDefaults(): Plugin {
  return {
    name: "es-defaults",
    setup: (build) => {
      build.onResolve({ filter: new RegExp(`^(?:${defaultPackages.join("|")})$`) }, (args) =>
        args.namespace === "es-default"
          ? { path: args.path, external: true }
          : { path: args.path, namespace: "es-default", sideEffects: false },
      );
      build.onLoad({ filter: /^/, namespace: "es-default" }, ({ path }) => ({
        contents: `export default require(${JSON.stringify(path)}).default;`,
      }));
    },
  };
}
