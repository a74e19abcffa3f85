import { hash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

const folder = join(import.meta.dirname, "../../node_modules/.cache/skein/bundled");

const made = new Map<string, string>();

/** The sources of a program as they are now, in one file: a process that starts often need not find, read and link some hundred. */
export function bundled(program: string): string {
  const known = made.get(program) ?? write(program);
  made.set(program, known);
  return known;
}

/** Named by what is in it, so that files of tests that run at the same time share it, and none is of other sources. */
function write(program: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [program],
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22.18",
    packages: "external",
    write: false,
    logLevel: "warning",
  });
  const text = outputFiles[0]?.text ?? "";
  const file = join(folder, `${hash("sha256", text)}.mjs`);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const half = `${file}.${String(process.pid)}`;
    writeFileSync(half, text);
    renameSync(half, file);
  }
  return file;
}
