/**
 * `npm run build`: writes `dist/`, and takes out of it what has no source any more; `dist/action/`, which is committed, is written anew. With
 * `--without-action`, as after an install, the committed files stay: a clone that a person only uses has to take the next `git pull`. With
 * `--only-action` they alone are written.
 */
import { copyFileSync, existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import type { BuildOptions } from "esbuild";
import { buildAction } from "./action-bundle.ts";
import { hookOptions, sparing, stampBundle } from "./hook-bundle.ts";
import { asBuilt, esDefaults, lateLoading, programOptions } from "./program-bundle.ts";
import { filesBelow, root, run } from "./run.ts";

const source = join(root, "src");
const target = join(root, "dist");

/** Their time of change is when the newest build began, and the newest one with the Action; see fresh-build.ts. */
const stamp = ".built";
const actionStamp = ".built-action";

const small: BuildOptions = { ...hookOptions, plugins: [sparing(source)] };
const whole: BuildOptions = {
  ...programOptions,
  plugins: [asBuilt(source), lateLoading(), esDefaults()],
};

/** One file for each program, since every import costs: an editor waits for each run of a hook, git for its guard, an agent for its server. */
const bundles: readonly {
  readonly from: string;
  readonly to: string;
  readonly options: BuildOptions;
}[] = [
  { from: "mcp/hooks/main.ts", to: "hook.cjs", options: small },
  { from: "cli/guard/main.ts", to: "guard.cjs", options: small },
  { from: "mcp/serve.ts", to: "mcp.cjs", options: whole },
  { from: "cli/main.ts", to: "cli.cjs", options: whole },
];

function isAsset(path: string): boolean {
  return /\.(?:json|md|ya?ml|txt)$/.test(path);
}

function builtNames(path: string): readonly string[] {
  if (isAsset(path)) {
    return [path];
  }
  const stem = path.replace(/\.ts$/, "");
  return [`${stem}.js`, `${stem}.d.ts`];
}

function copyAssets(sources: readonly string[]): void {
  for (const path of sources.filter(isAsset)) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    copyFileSync(join(source, path), join(target, path));
  }
}

function takeOutStrays(sources: readonly string[]): void {
  const bundled = bundles.filter(({ from }) => sources.includes(from)).map(({ to }) => to);
  const wanted = new Set<string>([stamp, actionStamp, ...bundled, ...sources.flatMap(builtNames)]);
  for (const path of filesBelow(target)) {
    if (!wanted.has(path) && !path.startsWith("action/")) {
      rmSync(join(target, path));
    }
  }
}

async function writeBundles(): Promise<void> {
  for (const { from, to, options } of bundles.filter((each) =>
    existsSync(join(source, each.from)),
  )) {
    rmSync(join(target, to), { force: true }); // yesterday's must not answer if today's fails
    await build({ ...options, entryPoints: [join(source, from)], outfile: join(target, to) });
    if (options === small) {
      stampBundle(join(target, to));
    }
  }
}

/** Says when it was begun, so that what was changed meanwhile is newer. */
function stampAs(names: readonly string[], begunAt: Date): void {
  for (const name of names) {
    writeFileSync(join(target, name), "");
    utimesSync(join(target, name), begunAt, begunAt);
  }
}

async function buildAll({ withAction }: { readonly withAction: boolean }): Promise<number> {
  const sources = filesBelow(source);
  const typesStatus = run("tsc", ["-p", "tsconfig.build.json"]);
  copyAssets(sources);
  await writeBundles();
  if (withAction) {
    await buildAction();
  }
  takeOutStrays(sources);
  return typesStatus;
}

const begunAt = new Date();
if (process.argv.includes("--only-action")) {
  await buildAction();
  stampAs([actionStamp], begunAt);
} else {
  const withAction = !process.argv.includes("--without-action");
  process.exitCode = await buildAll({ withAction });
  stampAs(withAction ? [stamp, actionStamp] : [stamp], begunAt);
}
