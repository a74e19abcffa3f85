import { createGit, readCommitted } from "../adapters/git/index.ts";
import type { Verify } from "../core/plans/index.ts";
import { parseChecks, settingsFiles } from "../settings.ts";
import type { StoredProject } from "./within.ts";

/**
 * What is said of a plan whose `verify: check:NAME` names no command of the committed `skein.yml`; null where it names one, or none. The plan
 * is taken all the same: the command may be committed before the first task lands.
 */
export async function unknownCheck(
  { repository }: Pick<StoredProject, "repository">,
  env: Readonly<Record<string, string | undefined>>,
  verify: Verify,
): Promise<string | null> {
  if (!verify.startsWith("check:") || repository === null) {
    return null;
  }
  const name = verify.slice("check:".length);
  const found = await readCommitted(createGit({ cwd: repository.root, env }), settingsFiles);
  const checks = found === null ? new Map() : await parseChecks(found.text, found.file);
  if (checks.has(name)) {
    return null;
  }
  const file = found?.file ?? "skein.yml";
  const known = [...checks.keys()].join(", ");
  return `No check ${name} stands in ${file} on the default branch${known === "" ? "" : ` (there: ${known})`}. Commit it under \`checks:\`, or no task of this plan is ever done.`;
}
