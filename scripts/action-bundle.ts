/** Bundles the Action: `dist/action/` holds all that a runner needs, without an install. */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build as bundle } from "esbuild";
import type { BuildOptions, Metafile, Plugin } from "esbuild";
import { root } from "./run.ts";

/** Where the bundle of the repository is, committed for whoever names the Action by a commit. */
export const actionFolder: string = join(root, "dist", "action");

const licenses = "licenses.txt";

/** Packages of which one function is used and all is imported: what nobody calls stays out. */
const withoutEffects = /^(?:@actions\/(?:core|http-client|exec|io)(?:\/.*)?|undici|tunnel)$/;

function sparingPackages(): Plugin {
  const inner = {};
  return {
    name: "sparing-packages",
    setup: (build) => {
      build.onResolve({ filter: withoutEffects }, async (args) => {
        if (args.pluginData === inner) {
          return null;
        }
        const { importer, resolveDir, kind, path } = args;
        const found = await build.resolve(path, { importer, resolveDir, kind, pluginData: inner });
        return { ...found, sideEffects: false };
      });
    },
  };
}

/** What zod says in other languages: nobody asks for it, and it would be read at every start. */
function englishOnly(): Plugin {
  return {
    name: "english-only",
    setup: (build) => {
      build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
        contents: 'export { default as en } from "./en.js";',
      }));
    },
  };
}

/** A runner may have nothing of the repository but the bundle. */
function versionOf(folder: string): string {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  return manifest.version;
}

/** As ES modules in parts, since most runs need few of them. Paths are relative to the root, so that the bytes are the same everywhere. */
export const actionOptions: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  outExtension: { ".js": ".mjs" },
  chunkNames: "[name]-[hash]",
  minifySyntax: true,
  minifyWhitespace: true, // names stay: the traces of a bug need them
  legalComments: "external",
  define: { SKEIN_BUNDLED_VERSION: JSON.stringify(versionOf(root)) },
  banner: {
    js: 'import{createRequire as requireFrom}from"node:module";const require=requireFrom(import.meta.url);',
  },
  // Native or for servers: the Action has its store in memory, or in PostgreSQL by the driver in plain JavaScript.
  external: ["better-sqlite3", "pg-native", "redis"],
  plugins: [sparingPackages(), englishOnly()],
  metafile: true,
  write: false,
  logLevel: "warning",
};

export interface ActionBuild {
  /** Default: the Action's own. */
  readonly entry?: string | undefined;
  /** Emptied first. Default: the committed one. */
  readonly folder?: string | undefined;
}

/** Writes the bundle and what its parts are licensed under; gives the size of all in bytes. */
export async function buildAction({
  entry = "src/bot/action/main.ts",
  folder = actionFolder,
}: ActionBuild = {}): Promise<number> {
  const { outputFiles, metafile } = await bundle({
    ...actionOptions,
    entryPoints: { index: entry },
    outdir: folder,
    write: false,
    metafile: true,
  });
  const comments = outputFiles.filter(({ path }) => isLegal(path)).map(({ text }) => text);
  const files = [
    ...outputFiles
      .filter(({ path }) => !isLegal(path))
      .map(({ path, contents }) => ({ name: basename(path), contents })),
    { name: licenses, contents: Buffer.from(licensesOf(metafile, comments)) },
  ];
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, contents } of files) {
    writeFileSync(join(folder, name), contents);
  }
  return files.reduce((total, { contents }) => total + contents.length, 0);
}

function isLegal(path: string): boolean {
  return path.endsWith(".LEGAL.txt");
}

/** The licence of each bundled package, then the legal comments of the sources, each once. */
function licensesOf(metafile: Metafile, comments: readonly string[]): string {
  const packages = new Set(
    Object.keys(metafile.inputs).flatMap(
      (path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
    ),
  );
  const parts = [...packages].toSorted().map(licenseOf);
  const notices = new Set(
    comments.flatMap((text) => text.split(/\n(?=\S)/)).map((each) => each.trim()),
  );
  return `${[...parts, ...[...notices].filter(Boolean).toSorted()].join("\n\n---\n\n")}\n`;
}

function licenseOf(folder: string): string {
  const manifest: { readonly name: string; readonly version: string; readonly license?: string } =
    JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const file = readdirSync(join(root, folder)).find((name) => /^licen[cs]e/i.test(name));
  const text = file === undefined ? "" : readFileSync(join(root, folder, file), "utf8").trim();
  const title = `${manifest.name} ${manifest.version} (${manifest.license ?? "see below"})`;
  return text === "" ? title : `${title}\n\n${text.replaceAll("\r\n", "\n")}`;
}
