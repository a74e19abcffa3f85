import type { ChoiceOf, Judging } from "../decide.ts";
import { trailerKeys } from "../marks.ts";
import { shown } from "../patterns.ts";
import { counted, fails, passes } from "../rule.ts";
import type { Verdict } from "../rule.ts";
import { judgedBy } from "../snapshot.ts";

/** Every commit but merges carries the trailers that are asked for. */
export function decideTrailers({ require }: ChoiceOf<"trailers">, { snapshot }: Judging): Verdict {
  return judgedBy(snapshot.commits, (commits) => {
    const own = commits.filter(({ isMerge }) => !isMerge);
    const lacking = own.flatMap(({ sha, message }) => {
      const keys = trailerKeys(message);
      const missing = require.filter((key) => !keys.has(key.toLowerCase()));
      const [subject = ""] = message.split("\n");
      return missing.length === 0
        ? []
        : [`${sha.slice(0, 12)} ${shown(subject)}: no ${missing.join(", no ")}`];
    });
    return lacking.length === 0
      ? passes(`${counted(own.length, "commit")}: all carry ${require.join(", ")}.`)
      : fails({
          reason: `${counted(lacking.length, "commit")} of ${String(own.length)} lack a trailer.`,
          fix: `Add ${require.map((key) => `\`${key}: …\``).join(" and ")} to the last paragraph of their messages, as with \`git rebase -i\`.`,
          details: lacking,
        });
  });
}
