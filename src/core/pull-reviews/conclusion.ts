import type { Conclusion } from "../hosting/index.ts";
import type { ReviewResult } from "../review/index.ts";
import type { ReviewPolicy } from "./policy.ts";

/**
 * How the check of a review ends. Findings of the chosen severities fail it, when the vote or a deterministic check confirmed them; advice
 * and what one family alone says never do. Without chosen severities a review that asks for changes is neutral. It is never an approval.
 */
export function conclusionOf(
  { verdict, findings }: Pick<ReviewResult, "verdict" | "findings">,
  { failOn, required }: Pick<ReviewPolicy, "failOn" | "required">,
): Conclusion {
  const isFailed = findings.some(
    ({ decision, severity }) =>
      (decision === "published" || decision === "check") && failOn.includes(severity),
  );
  if (isFailed) {
    return "failure";
  }
  switch (verdict) {
    case "pass":
      return "success";
    case "changes":
      return "neutral";
    case "incomplete":
      return required ? "failure" : "neutral";
    default:
      return verdict satisfies never;
  }
}
