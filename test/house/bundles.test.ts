import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { hookOptions, sparing } from "../../scripts/hook-bundle.ts";
import { asBuilt, esDefaults, lateLoading, programOptions } from "../../scripts/program-bundle.ts";

const source = join(import.meta.dirname, "../../src");
const small = { ...hookOptions, plugins: [sparing(source)] };
const whole = { ...programOptions, plugins: [asBuilt(source), lateLoading(), esDefaults()] };

/** A program as `npm run build` bundles it. */
async function bundleOf(entry: string, options: typeof small | typeof whole): Promise<string> {
  const { outputFiles } = await build({
    ...options,
    entryPoints: [join(source, entry)],
    outdir: "unwritten",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

test.each([
  ["mcp/hooks/main.ts", small],
  ["cli/guard/main.ts", small],
  ["mcp/serve.ts", whole],
])("%s does not read TOML", async (entry, options) => {
  const text = await bundleOf(entry, options);

  expect(text.length).toBeGreaterThan(10_000);
  expect(text).not.toMatch(/smol-toml|TomlError|mcp_servers/u);
});

test("the command line loads the readers of TOML and YAML with their first use", async () => {
  const text = await bundleOf("cli/main.ts", whole);

  const loads = [...text.matchAll(/^.*require\("(?:smol-toml|yaml)"\).*$/gmu)].map(
    ([line]) => line,
  );
  expect(loads).toHaveLength(2);
  for (const line of loads) {
    expect(line).toMatch(/=>\s*require\("(?:smol-toml|yaml)"\)/u);
  }
});
