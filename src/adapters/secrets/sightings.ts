import type { Redactor } from "../../core/models/index.ts";
import type { ChangedFile } from "../../core/review/index.ts";
import type { SecretSighting } from "../../core/rules/index.ts";

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
