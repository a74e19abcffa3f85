import type { ChoiceOf, Judging } from "../decide.ts";
import { listed } from "../patterns.ts";
import { fails, passes } from "../rule.ts";
import type { Verdict } from "../rule.ts";
import { judgedBy } from "../snapshot.ts";

/** None of some labels is set. A label can only stop a change: whoever may label could else free themselves. */
export function decideLabels({ forbid }: ChoiceOf<"labels">, { snapshot }: Judging): Verdict {
  return judgedBy(snapshot.labels, (labels) => {
    const unwanted = new Set(forbid.map((label) => label.toLowerCase()));
    const set = labels.filter((label) => unwanted.has(label.toLowerCase()));
    return set.length === 0
      ? passes("None of the stopping labels is set.")
      : fails({
          reason: `The label ${listed(set)} stops it.`,
          fix: "Settle what the label is about, then take it off.",
        });
  });
}
