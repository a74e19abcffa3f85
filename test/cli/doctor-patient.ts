import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { openProject } from "../../src/compose.ts";
import type { OpenProject } from "../../src/compose.ts";
import { testEnv } from "../adapters/git/repositories.ts";
import { aCommandLine } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";

/** A repository in which `skein init` ran for Claude Code. */
export async function aSetUp(): Promise<CommandLine> {
  const line = aCommandLine({ "CLAUDE.md": "Be kind.\n" });
  const { code, err } = await line.skein("init --yes --agents claude");
  expect(code, err).toBe(0);
  return line;
}

export interface Examined {
  readonly code: number;
  readonly findings: readonly {
    readonly id: string;
    readonly level: string;
    readonly what: string;
    readonly why: string;
    readonly fix: string;
    readonly also: readonly string[];
  }[];
}

export async function examine({ skein }: CommandLine, words = "doctor"): Promise<Examined> {
  const { code, out } = await skein(`${words} --json`);
  const { findings }: Examined = JSON.parse(out);
  return { code, findings };
}

/** The ids of all that is not well. */
export async function troubles(line: CommandLine): Promise<readonly string[]> {
  const { findings } = await examine(line);
  return [...new Set(findings.filter(({ level }) => level !== "ok").map(({ id }) => id))];
}

export async function inProject(
  { repository }: CommandLine,
  work: (project: OpenProject) => Promise<unknown>,
): Promise<void> {
  const project = await openProject({ cwd: repository.root, env: testEnv });
  try {
    await work(project);
  } finally {
    await project.skein.close();
  }
}

export function edit(line: CommandLine, path: string, change: (text: string) => string): void {
  const file = join(line.repository.root, path);
  mkdirSync(dirname(file), { recursive: true });
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // A new file.
  }
  writeFileSync(file, change(text));
}
