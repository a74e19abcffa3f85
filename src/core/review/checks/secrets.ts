import type { Redactor } from "../../models/index.ts";
import type { ChangedFile, DiffLine } from "../change.ts";
import type { Fault } from "./check.ts";

/**
 * Finds secrets in added lines: lines that the redactor would change. The finding quotes the line without the secret. Lines next to each
 * other are one finding.
 */
export async function findSecrets(
  files: readonly ChangedFile[],
  redactor: Redactor,
): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  for (const file of files) {
    faults.push(...(await secretsOf(file, redactor)));
  }
  return faults;
}

interface Marked {
  readonly number: number;
  readonly text: string;
}

async function secretsOf(file: ChangedFile, redactor: Redactor): Promise<readonly Fault[]> {
  const added = file.hunks.flatMap(({ lines }) => lines.filter(({ kind }) => kind === "added"));
  if (added.length === 0) {
    return [];
  }
  const { text } = await redactor.redact(added.map((line) => line.text).join("\n"));
  return runsOf(changedLines(added, text.split("\n"))).map((run) => faultOf(file.path, run));
}

function changedLines(added: readonly DiffLine[], redacted: readonly string[]): readonly Marked[] {
  return added.flatMap(({ newLine, text }, index) => {
    const after = redacted[index] ?? "";
    return after === text || newLine === null ? [] : [{ number: newLine, text: after }];
  });
}

function runsOf(marked: readonly Marked[]): readonly (readonly Marked[])[] {
  const runs: Marked[][] = [];
  for (const line of marked) {
    const run = runs.at(-1);
    if (run?.at(-1)?.number === line.number - 1) {
      run.push(line);
    } else {
      runs.push([line]);
    }
  }
  return runs;
}

function faultOf(path: string, run: readonly Marked[]): Fault {
  const line = run[0]?.number ?? 1;
  return {
    path,
    line,
    endLine: run.at(-1)?.number ?? line,
    severity: "critical",
    category: "security",
    title: "A secret is added",
    body: "The line looks like a key, a token or a password. Take it out of the history, replace it where it is in use, and read it from the environment.",
    quoted: run.map(({ text }) => text).join("\n"),
    placement: "line",
  };
}
