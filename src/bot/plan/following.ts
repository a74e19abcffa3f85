import { readChildLine } from "../../core/decomposition/index.ts";
import { userOf } from "../asking.ts";
import { plainOutcome } from "../context.ts";
import type { BotContext, HandlerOutcome } from "../context.ts";
import { openLedger } from "../workplace.ts";
import type { Workplace } from "../workplace.ts";
import { withDecomposition } from "./decomposing.ts";
import { toldSync } from "./telling.ts";

/** Keeps a plan in step with what happened to one of its children. */
export async function follow(context: BotContext, place: Workplace): Promise<HandlerOutcome> {
  const { event } = context;
  const actions = ["closed", "edited", "labeled", "reopened", "unlabeled"] as const;
  const action = actions.find((each) => each === event.action);
  if (event.kind !== "issue" || action === undefined) {
    return plainOutcome("skipped", "This event changes no plan.");
  }
  const { number, body, isPullRequest } = event.issue;
  const sender = userOf(event.sender);
  if (readChildLine(body) === null) {
    const isEnd = action === "closed" || action === "reopened";
    if (context.isDurable && isEnd && !isPullRequest) {
      return keepEnd(context, place, number);
    }
    return plainOutcome("skipped", "The issue has no parts of Skein's.");
  }
  return toldSync(
    await withDecomposition(context, place, async (decomposition) =>
      decomposition.onIssueEvent({ action, issue: { number, body }, sender }),
    ),
  );
}

/** What an issue came to, for what each resolved one costs. */
async function keepEnd(
  context: BotContext,
  place: Workplace,
  number: number,
): Promise<HandlerOutcome> {
  const issue = await place.host.issues.get(number);
  if (issue === null) {
    return plainOutcome("skipped", "There is no such issue.");
  }
  const isGivenUp = issue.closedAs === "not_planned" || issue.closedAs === "duplicate";
  const isReached = issue.isOpen ? null : !isGivenUp;
  const { skein } = await openLedger(context, place);
  try {
    await skein.store.write(async (tx) =>
      skein.costs.recordOutcome(tx, {
        kind: "issue",
        number,
        isReached,
        tasks: [],
        actor: "system",
      }),
    );
  } finally {
    await skein.close();
  }
  return plainOutcome("success", "Kept what the issue came to.");
}
