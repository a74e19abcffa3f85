import { choiceFor } from "../init/choice.ts";
import { isLeaving, isRecordDamaged, recordPath } from "../init/record.ts";
import { trouble } from "./finding.ts";
import type { Finding, Patient } from "./finding.ts";

/** Looks at what `init` noted of the files that it changed. */
export async function examineRecord({ repository }: Patient): Promise<readonly Finding[]> {
  const { commonDir, root } = repository;
  const path = recordPath(commonDir);
  const damaged = trouble("note", "init-record", {
    what: `${path} is no record of what \`skein init\` wrote.`,
    why: "`skein init --remove` then takes out what it knows as Skein's, and does not give back each byte.",
    fix: `Remove ${path}; \`skein init --yes\` begins a new one.`,
  });
  const left = trouble("warn", "init-removal", {
    what: "`skein init --remove` was run here and did not come to its end.",
    why: "Some of Skein may still be in the files of agent programs and in the git hooks.",
    fix: "Mend what is named here, then run `skein init --remove --yes`. To keep Skein after all: `skein init --yes`.",
  });
  const findings = [
    ...(isRecordDamaged(commonDir) ? [damaged] : []),
    ...(isLeaving(commonDir, root) ? [left] : []),
  ];
  return Promise.resolve(findings);
}

/** What to do for somebody who wants to be rid of Skein here: to set it up again is not it. */
export function withRemoval({ repository }: Patient): (finding: Finding) => Finding {
  if (!isLeaving(repository.commonDir, repository.root)) {
    return (finding) => finding;
  }
  return (finding) =>
    finding.id === "init-removal"
      ? finding
      : { ...finding, fix: finding.fix.replaceAll(setUpAgain, "skein init --remove --yes") };
}

/** What a person named with `--agents` stays so when a next step sets Skein up again: beside the plugin each edit would be checked twice. */
export function keepingChoice({ repository }: Patient): (finding: Finding) => Finding {
  const chosen = choiceFor(repository);
  if (chosen === null) {
    return (finding) => finding;
  }
  const named = chosen.length === 0 ? "none" : chosen.join(",");
  return (finding) => ({
    ...finding,
    fix: finding.fix.replaceAll(
      /skein init(?: --(?:yes|dry-run))+(?! --)/gu,
      `$& --agents ${named}`,
    ),
  });
}

const setUpAgain =
  /skein init(?: --dry-run, then skein init)?(?! --remove)(?: --(?:yes|dry-run))*/gu;
