/** `npm run pack:check`: installs, which must leave the clone clean, packs, judges the tarball, installs it where nothing else is, and starts it from there. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filesBelow, run, runQuietly } from "./run.ts";

const directory = mkdtempSync(join(tmpdir(), "skein-pack-"));

/** A clone that a person only uses has to take the next `git pull`: what an install builds changes no committed file. */
function changedByInstall(): readonly string[] {
  const before = changedFiles();
  runQuietly("npm", ["run", "prepare"]);
  const after = changedFiles();
  return before === after ? [] : [`an install changes committed files:\n${after}`];
}

function changedFiles(): string {
  return runQuietly("git", ["status", "--porcelain"]);
}

/** Packs what the install has just built. */
function pack(): string {
  runQuietly("npm", ["pack", "--ignore-scripts", "--pack-destination", directory]);
  const name = filesBelow(directory).find((path) => path.endsWith(".tgz"));
  if (name === undefined) {
    throw new Error(`npm pack left no tarball in ${directory}.`);
  }
  return join(directory, name);
}

function judge(tarball: string): readonly string[] {
  const verdicts = [
    ["publint", run("publint", ["--strict", tarball])],
    ["attw", run("attw", [tarball, "--profile", "esm-only"])],
  ] as const;
  return verdicts.flatMap(([name, status]) =>
    status === 0 ? [] : [`${name} refuses the tarball`],
  );
}

function start(tarball: string): readonly string[] {
  const home = mkdtempSync(join(directory, "home-"));
  writeFileSync(join(home, "package.json"), JSON.stringify({ name: "someone", private: true }));
  runQuietly("npm", ["install", "--no-audit", "--no-fund", tarball], { cwd: home });
  const answer = runQuietly("npx", ["--no-install", "skein", "--version"], { cwd: home }).trim();
  const version = runQuietly("npm", ["pkg", "get", "version"]).trim().replaceAll('"', "");
  return answer.includes(version) ? [] : [`skein --version says ${answer}, not ${version}`];
}

try {
  const dirt = changedByInstall();
  const tarball = pack();
  const faults = [...dirt, ...judge(tarball), ...start(tarball)];
  console.log(faults.length === 0 ? "The tarball is good." : faults.join("\n"));
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true });
}
