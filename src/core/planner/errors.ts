import { defineErrors } from "../base/errors.ts";

/** The part of the error catalogue that speaks of drafting plans. */
export const plannerErrors = defineErrors({
  unsafePlan: {
    code: "SKN-0841",
    kind: "failed",
    title: "No plan came out that is safe for parallel agents.",
    cause: "The model's plan still had faults after two repairs, or its answer was no plan.",
    fix: "Say the goal more narrowly, write the steps as a checklist, or name a stronger model in `planner` of skein.yml.",
  },
  noSource: {
    code: "SKN-1841",
    kind: "usage",
    title: "It is not said what to plan.",
    cause: "A draft is made of exactly one thing: a goal, an issue or a specification.",
    fix: 'Write `skein plan draft "GOAL"`, `--issue FILE` or `--spec FILE`.',
  },
  sourceTooLarge: {
    code: "SKN-1842",
    kind: "usage",
    title: "The text is too long to be planned at once.",
    cause: "A model reads all of it in each call.",
    fix: "Cut it into several files and draft one plan of each.",
  },
  noChecklist: {
    code: "SKN-1843",
    kind: "usage",
    title: "The text holds no list of tasks.",
    cause:
      "Without a model, tasks are read from checklists, and from lists under headings such as Tasks or Plan.",
    fix: "Write the steps as `- [ ] Step`, or let a model plan it.",
  },
  badHash: {
    code: "SKN-1844",
    kind: "usage",
    title: "That is no hash of a draft.",
    cause: "A draft is named by the first 8 to 64 hexadecimal digits of its hash.",
    fix: "Copy the hash that `skein plan draft` printed.",
  },
  noModel: {
    code: "SKN-2841",
    kind: "config",
    title: "A goal without a list of tasks needs a model, and none is configured.",
    cause: "skein.yml on the default branch names no `providers` and `models`.",
    fix: "Write the steps as a checklist (no key is needed), or configure a model as docs/models.md shows.",
  },
  late: {
    code: "SKN-8841",
    kind: "unavailable",
    title: "The models took too long to draft a plan.",
    cause:
      "A draft has 60 seconds for each question and 300 more, or as long as the tries of its provider need. Slow answers, failed tries and waits for a rate limit count.",
    fix: "Try again later, write the steps as a checklist, raise `timeout_seconds` of the provider in skein.yml, or name another model in `planner`.",
  },
  stale: {
    code: "SKN-4841",
    kind: "conflict",
    title: "The draft is stale.",
    cause: "What it was made of has changed since: the base commit, or the text of its file.",
    fix: "Run `skein plan draft` again, look at the new preview, and approve its hash.",
  },
  noDraft: {
    code: "SKN-5841",
    kind: "missing",
    title: "There is no draft of this hash.",
    cause: "It was made in another repository, or more than 100 drafts ago.",
    fix: "Run `skein plan draft` again.",
  },
});
