import type { Redactor } from "../../core/models/index.ts";
import type { ChangedFile } from "../../core/review/index.ts";
import { failed, known } from "../../core/rules/index.ts";
import type { Fact, SecretSighting } from "../../core/rules/index.ts";
import { secretsOfEnvironment } from "./environment.ts";
import { createRedactor } from "./redactor.ts";

/** The secrets in what a diff adds, as far as its lines are known. */
export async function secretsIn(
  diff: Fact<readonly ChangedFile[]>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Fact<readonly SecretSighting[]>> {
  if (diff.kind !== "known") {
    return diff;
  }
  try {
    const redactor = createRedactor({ known: () => secretsOfEnvironment(env) });
    return known(await findSightings(diff.value, redactor));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return failed(`The search for secrets broke off: ${detail}`);
  }
}

/** Finds added lines that the redactor would change; what it took out goes nowhere. A redactor that fails fails this. */
export async function findSightings(
  files: readonly ChangedFile[],
  redactor: Redactor,
): Promise<readonly SecretSighting[]> {
  const sightings: SecretSighting[] = [];
  for (const file of files) {
    sightings.push(...(await sightingsIn(file, redactor)));
  }
  return sightings;
}

async function sightingsIn(
  { path, hunks }: ChangedFile,
  redactor: Redactor,
): Promise<readonly SecretSighting[]> {
  const added = hunks.flatMap(({ lines }) => lines.filter(({ kind }) => kind === "added"));
  if (added.length === 0) {
    return [];
  }
  const { text } = await redactor.redact(added.map((line) => line.text).join("\n"));
  const redacted = text.split("\n");
  return added.flatMap((line, index) => {
    const after = redacted[index] ?? "";
    return after === line.text ? [] : [{ path, line: line.newLine ?? 1, kind: kindIn(after) }];
  });
}

/** The kind stands in what the secret was replaced by; lines inside of a key have none. */
function kindIn(line: string): string {
  return /\[redacted:([\w-]{1,64})\]/u.exec(line)?.[1] ?? "secret";
}
