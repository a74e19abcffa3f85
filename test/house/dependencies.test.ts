import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const lock = z
  .object({
    packages: z.record(
      z.string(),
      z.object({
        dev: z.boolean().default(false),
        devOptional: z.boolean().default(false),
        hasInstallScript: z.boolean().default(false),
        resolved: z.string().default(""),
        integrity: z.string().default(""),
        dependencies: z.record(z.string(), z.string()).default({}),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync("package-lock.json", "utf8")));

const manifest = z
  .object({
    dependencies: z.record(z.string(), z.string()),
    allowScripts: z.record(z.string(), z.boolean()),
  })
  .parse(JSON.parse(readFileSync("package.json", "utf8")));

const installed = Object.entries(lock.packages)
  .filter(([path]) => path !== "")
  .map(([path, entry]) => ({ name: path.replace(/^.*node_modules\//, ""), ...entry }));

test("a user of Skein installs at most 60 packages", () => {
  const atRuntime = installed.filter(({ dev, devOptional }) => !dev && !devOptional);

  expect(atRuntime.length).toBeGreaterThanOrEqual(Object.keys(manifest.dependencies).length);
  expect(atRuntime.length).toBeLessThanOrEqual(60);
});

test("core and the MCP server need at most 40 packages", () => {
  const forCommandLine = new Set(["commander", "listr2"]);
  const needed = needs(
    Object.keys(manifest.dependencies).filter((name) => !forCommandLine.has(name)),
  );
  const sources = globSync("src/{core,mcp,adapters,settings}/**/*.ts").map((file) =>
    readFileSync(file, "utf8"),
  );

  expect(sources.filter((text) => /from "(?:commander|listr2)"/u.test(text))).toEqual([]);
  expect(needed.size).toBeGreaterThan(20);
  expect(needed.size).toBeLessThanOrEqual(40);
});

/** The places of some packages and of all that they bring. */
function needs(names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const need = (from: string, name: string): void => {
    const place = placeOf(from, name);
    if (place === null || found.has(place)) {
      return;
    }
    found.add(place);
    for (const further of Object.keys(lock.packages[place]?.dependencies ?? {})) {
      need(place, further);
    }
  };
  for (const name of names) {
    need("", name);
  }
  return found;
}

/** Where a package finds another: beside itself, or further up; null for one that is not installed. */
function placeOf(from: string, name: string): string | null {
  const place = `${from === "" ? "" : `${from}/`}node_modules/${name}`;
  if (lock.packages[place] !== undefined) {
    return place;
  }
  return from === ""
    ? null
    : placeOf(from.replace(/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+$/u, ""), name);
}

test("every runtime dependency is one of those that a decision explains", () => {
  expect(Object.keys(manifest.dependencies)).toEqual([
    "@anthropic-ai/sdk",
    "@modelcontextprotocol/server",
    "@secretlint/core",
    "@secretlint/profiler",
    "@secretlint/secretlint-rule-preset-recommend",
    "better-sqlite3",
    "bottleneck",
    "cockatiel",
    "commander",
    "jose",
    "listr2",
    "openai",
    "p-queue",
    "smol-toml",
    "yaml",
    "zod",
  ]);
});

test("every package that brings an install script is ruled upon, and no ruling is idle", () => {
  const withScript = new Set(installed.filter((entry) => entry.hasInstallScript).map(nameOf));
  const ruled = new Set(Object.keys(manifest.allowScripts));

  expect([...withScript].filter((name) => !ruled.has(name) && name !== "fsevents")).toEqual([]);
  expect([...ruled].filter((name) => !installed.some((entry) => entry.name === name))).toEqual([]);
});

test("every package is held by its checksum and comes from the public registry", () => {
  const strays = installed.filter(
    ({ resolved, integrity }) =>
      integrity === "" || !(resolved === "" || resolved.startsWith("https://registry.npmjs.org/")),
  );

  expect(strays.map(nameOf)).toEqual([]);
});

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

test("a newer version is proposed when it is a week old, of everything that Skein is made of", () => {
  const proposals = z
    .object({
      updates: z.array(
        z.object({
          "package-ecosystem": z.string(),
          cooldown: z.object({ "default-days": z.number() }),
        }),
      ),
    })
    .parse(parse(readFileSync(".github/dependabot.yml", "utf8")));

  expect(proposals.updates.map((each) => each["package-ecosystem"]).toSorted()).toEqual([
    "docker",
    "github-actions",
    "npm",
  ]);
  for (const { cooldown } of proposals.updates) {
    expect(cooldown["default-days"]).toBeGreaterThanOrEqual(7);
  }
});
