import type { ChoiceOf, Judging } from "../decide.ts";
import { shown } from "../patterns.ts";
import { counted, fails, passes } from "../rule.ts";
import type { Verdict } from "../rule.ts";
import { judgedBy } from "../snapshot.ts";

/** No added line looks like a secret. What was found is named by its place and kind alone. */
export function decideSecrets(_choice: ChoiceOf<"secrets">, { snapshot }: Judging): Verdict {
  return judgedBy(snapshot.secrets, (sightings) =>
    sightings.length === 0
      ? passes("No added line looks like a secret.")
      : fails({
          reason: `${counted(sightings.length, "added line")} ${sightings.length === 1 ? "looks" : "look"} like a secret.`,
          fix: "Take it out of every commit, revoke it where it is in use, and read the new one from the environment.",
          details: sightings.map(
            ({ path, line, kind }) => `${shown(path)}:${String(line)} (${shown(kind)})`,
          ),
          places: sightings.map(({ path, line, kind }) => ({
            path,
            line,
            says: `This line looks like a secret (${shown(kind)}).`,
            isWarning: false,
          })),
        }),
  );
}
