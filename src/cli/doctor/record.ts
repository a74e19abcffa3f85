import { existsSync } from "node:fs";
import { isRecordDamaged, recordPath } from "../init/record.ts";
import { trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";

/** Looks at what `init` noted of the files that it changed. */
export async function examineRecord({ repository }: Patient): Promise<readonly Finding[]> {
  const path = recordPath(repository.commonDir);
  return Promise.resolve(
    existsSync(path) && isRecordDamaged(repository.commonDir)
      ? [
          trouble("note", "init-record", {
            what: `${path} is no record of what \`skein init\` wrote.`,
            why: "`skein init --remove` then takes out what it knows as Skein's, and does not give back each byte.",
            fix: `Remove ${path}; \`skein init --yes\` begins a new one.`,
          }),
        ]
      : [],
  );
}
