import { codeSpan } from "../../core/base/safe-markdown.ts";
import type {
  ApproveOutcome,
  ProposeOutcome,
  SyncOutcome,
} from "../../core/decomposition/index.ts";
import { plainOutcome } from "../context.ts";
import type { HandlerOutcome } from "../context.ts";

/** What came of a proposal. */
export function toldProposal(outcome: ProposeOutcome): HandlerOutcome {
  switch (outcome.kind) {
    case "proposed": {
      const { hash, plan, plannedMicroUsd } = outcome.preview;
      const title = `Proposed ${String(plan.children.length)} parts.`;
      const summary = `Approve with ${codeSpan(`/skein approve ${hash}`, 100)}.`;
      return {
        ...plainOutcome("success", title),
        summary,
        costMicroUsd: plannedMicroUsd,
        planHash: hash,
      };
    }
    case "do-not-split":
      return {
        ...plainOutcome("success", "The issue is best done as a whole."),
        costMicroUsd: outcome.preview.plannedMicroUsd,
      };
    case "already":
      return plainOutcome("neutral", "Its parts are there already.");
    case "under-way":
      return plainOutcome("neutral", "Its parts are being created.");
    case "too-many":
      return {
        ...plainOutcome(
          "failure",
          `The plan has ${String(outcome.children)} parts, more than ${String(outcome.most)}: split the issue into two.`,
        ),
        costMicroUsd: outcome.plannedMicroUsd,
      };
    case "stale":
      return {
        ...plainOutcome("neutral", "The issue was edited while it was planned: ask again."),
        costMicroUsd: outcome.plannedMicroUsd,
      };
    default:
      return outcome satisfies never;
  }
}

/** What came of an approval. */
export function toldApproval(outcome: ApproveOutcome): HandlerOutcome {
  switch (outcome.kind) {
    case "created":
      return plainOutcome("success", `Created ${String(outcome.children.length)} parts.`);
    case "already":
      return plainOutcome("neutral", "Its parts are there already.");
    case "not-allowed":
      return plainOutcome("failure", "Only people who may write to the repository approve plans.");
    case "nothing-proposed":
      return plainOutcome("failure", "No plan was proposed here: ask for one with `/skein plan`.");
    case "do-not-split":
      return plainOutcome("failure", "The plan says not to split the issue.");
    case "hash-mismatch":
      return plainOutcome(
        "failure",
        `The plan is not the one that was shown (${outcome.changed.join(", ")} changed): ask for a new one with \`/skein plan\`.`,
      );
    case "duplicates":
      return plainOutcome(
        "failure",
        "Open issues are the same work: see the comment with the plan.",
      );
    default:
      return outcome satisfies never;
  }
}

/** What a look at both sides changed. */
export function toldSync(outcome: SyncOutcome): HandlerOutcome {
  switch (outcome.kind) {
    case "synced":
      return plainOutcome(
        "success",
        `${String(outcome.done)} of ${String(outcome.total)} parts are done; ${String(outcome.acts.length)} changes.`,
      );
    case "created":
      return plainOutcome(
        "success",
        `Completed the creation of ${String(outcome.children.length)} parts.`,
      );
    case "waiting":
      return plainOutcome("neutral", "The plan waits for its approval.");
    case "do-not-split":
    case "no-plan":
    case "not-ours":
      return plainOutcome("skipped", "The issue has no parts of Skein's.");
    default:
      return outcome satisfies never;
  }
}
