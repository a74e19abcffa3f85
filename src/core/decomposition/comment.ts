import { codeSpan, safeLine, safeProse } from "../base/safe-markdown.ts";
import { formatUsd } from "../costs/index.ts";
import type { MicroUsd } from "../base/ids.ts";
import type { TaskStatus } from "../plans/index.ts";
import type { Duplicate } from "./alike.ts";
import { grouped, sizeText } from "./child.ts";
import type { PlannedChild } from "./children-plan.ts";
import { moneyText } from "./money.ts";
import type { Preview } from "./preview.ts";
import type { ChildState, PlanState } from "./state.ts";

/** How many digits of a hash are shown; whoever approves gives all of them. */
export const shownDigits = 40;

/** What a proposal is shown with. */
export interface Proposal {
  readonly preview: Preview;
  readonly duplicates: readonly Duplicate[];
}

/** A comment has 65,536 characters, and 20,000 of them are the state's. */
const mostChars = 44_000;

/** The comment that shows a plan before it is approved. All that others wrote in it is dead text. */
export function proposalComment(proposal: Proposal): string {
  const { children } = proposal.preview.plan;
  const whole = proposalOf(
    proposal,
    children.map((child) => childLines(child)),
  );
  return whole.length <= mostChars
    ? whole
    : proposalOf(
        proposal,
        children.map((child) => childLine(child)),
      );
}

/** The comment where a draft was made and is not shown. */
export function unshownComment(why: string, cost: MicroUsd): string {
  return `### No plan yet\n\n${why}, so that no plan is shown. Planning cost ${formatUsd(cost)} USD, which counts in the issue's budget.`;
}

/** The comment while a model is asked. */
export function begunComment(most: MicroUsd): string {
  return `### A plan is being made\n\nA model reads the issue now. Until its plan is here ${formatUsd(most)} USD count in the issue's budget, which is the most that it may cost.`;
}

function proposalOf({ preview, duplicates }: Proposal, tree: readonly string[]): string {
  const { plan, schedule, collisions, notes, hash } = preview;
  return [
    `### A plan of ${String(plan.children.length)} tasks`,
    ...reasonLines(plan.reason),
    tree.join("\n"),
    [
      `Critical path: ${schedule.criticalPath.map((key) => codeSpan(key, 60)).join(" → ")}, ${String(schedule.minutes)} min. At most ${String(schedule.width)} at once.`,
      workLine(preview),
      ...collisions
        .slice(0, 10)
        .map(
          ({ task, path, held }) =>
            `${codeSpan(task, 60)} has to wait: ${codeSpan(path, 80)} meets ${codeSpan(held, 80)}, which somebody works on now.`,
        ),
      ...duplicates.map((each) => duplicateLine(each)),
      ...notes.slice(0, 10).map((note) => `Note: ${safeLine(note, { maxChars: 300 })}`),
    ]
      .map((line) => `- ${line}`)
      .join("\n"),
    "Nothing has been created. Somebody with write access creates these issues with a comment of this line:",
    ["```", `/skein approve ${hash.slice(0, shownDigits)}`, "```"].join("\n"),
    "The hash is of this plan, of the issue's title and body, and of the base commit: when one of them changes, it approves nothing.",
  ].join("\n\n");
}

/** The comment on an issue that is best done as one piece. */
export function wholeComment({ plan }: Preview): string {
  return ["### Best done as one piece", ...reasonLines(plan.reason), "Nothing is split."].join(
    "\n\n",
  );
}

function reasonLines(reason: string): readonly string[] {
  return reason === "" ? [] : [safeProse(reason, { maxChars: 1_000 })];
}

function childLine(child: PlannedChild): string {
  const { key, title, dependsOn } = child;
  const after =
    dependsOn.length === 0
      ? ""
      : `, after ${dependsOn.map((other) => codeSpan(other, 60)).join(", ")}`;
  return `- ${codeSpan(key, 60)} **${safeLine(title, { maxChars: 200 })}** (${sizeText(child)}${after})`;
}

function childLines(child: PlannedChild): string {
  const { title, outcome, scope, accept } = child;
  return [
    childLine(child),
    ...(outcome === title ? [] : [`  - ${safeLine(outcome, { maxChars: 300 })}`]),
    scope.length === 0
      ? "  - scope: not named"
      : `  - scope: ${scope
          .slice(0, 10)
          .map((path) => codeSpan(path, 120))
          .join(", ")}${scope.length > 10 ? ` and ${String(scope.length - 10)} more` : ""}`,
    ...accept.slice(0, 5).map((text) => `  - done when: ${safeLine(text, { maxChars: 200 })}`),
  ].join("\n");
}

function workLine({ plan, estimatedMicroUsd, plannedMicroUsd }: Preview): string {
  const sum = (of: (child: PlannedChild) => number): number =>
    plan.children.reduce((total, child) => total + of(child), 0);
  const money =
    estimatedMicroUsd === null ? "price not known" : `about ${formatUsd(estimatedMicroUsd)} USD`;
  return `Work: ${String(sum(({ minutes }) => minutes))} min, about ${grouped(sum(({ tokens }) => tokens))} tokens, ${money}. Planning cost ${formatUsd(plannedMicroUsd)} USD.`;
}

function duplicateLine({ key, number, title, isSure }: Duplicate): string {
  const said = `${codeSpan(key, 60)} ${isSure ? "is" : "looks like"} #${String(number)} (${safeLine(title, { maxChars: 100 })})`;
  return isSure
    ? `${said}: the same files and an alike title. It is not created again; close one of the two first.`
    : `${said}. Look whether it is the same.`;
}

/** A child as the progress shows it. */
export interface ShownChild {
  readonly child: ChildState;
  /** As GitHub says it. */
  readonly title: string;
}

/** The comment that shows how far the children of an issue are. */
export function progressComment(
  state: PlanState,
  shown: readonly ShownChild[],
  limit: MicroUsd | null,
): string {
  const { links, approvedBy } = state;
  const counted = shown.filter(
    ({ child }) => child.settled !== "canceled" && child.settled !== "gone",
  );
  const done = counted.filter(({ child }) => child.settled === "completed").length;
  const asides = shown.filter(({ child }) => child.settled === "aside");
  return [
    `### ${String(done)} of ${String(counted.length)} tasks are done`,
    links === "list" ? listOf(shown) : tableOf(shown),
    `${moneyText(
      state,
      shown.map(({ child }) => child),
      limit,
    )}${approvedBy === null ? "" : ` Approved by ${codeSpan(approvedBy, 60)}.`}`,
    ...asides.map(
      ({ child }) =>
        `#${String(child.number)} was closed by somebody without write access, or by a bot: it does not count as done. Somebody with write access has to reopen it, or to close it again.`,
    ),
  ].join("\n\n");
}

function tableOf(shown: readonly ShownChild[]): string {
  return [
    "| Issue | Task | State | Cost |",
    "| --- | --- | --- | --- |",
    ...shown.map(
      ({ child, title }) =>
        `| #${String(child.number)} | ${safeLine(title, { maxChars: 120 })} | ${stateText(child)} | ${costText(child.spentMicroUsd)} |`,
    ),
  ].join("\n");
}

/** Where the host has no sub-issues. */
function listOf(shown: readonly ShownChild[]): string {
  return shown
    .map(({ child, title }) => {
      const mark = child.settled === "completed" ? "x" : " ";
      return `- [${mark}] #${String(child.number)} ${safeLine(title, { maxChars: 120 })}: ${stateText(child)}, ${costText(child.spentMicroUsd)}`;
    })
    .join("\n");
}

function costText(microUsd: MicroUsd): string {
  return `${formatUsd(microUsd)} USD`;
}

function stateText(child: ChildState): string {
  const again = child.round === 1 ? "" : `, attempt ${String(child.round)}`;
  switch (child.settled) {
    case "completed":
      return `done${child.commit === null ? "" : ` in ${codeSpan(child.commit.slice(0, 12), 12)}`}${again}`;
    case "canceled":
      return `canceled${again}`;
    case "aside":
      return `closed, not counted${again}`;
    case "gone":
      return "gone";
    case "open":
      return `${openText(child)}${again}`;
  }
}

const openTexts: Readonly<Partial<Record<TaskStatus, string>>> = {
  claimed: "in work",
  submitted: "waits for its merge",
  failed: "failed, waits for a person",
  blocked: "blocked",
};

function openText({ work }: ChildState): string {
  return (work === null ? undefined : openTexts[work]) ?? "open";
}
