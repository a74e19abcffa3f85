import { defineErrors } from "../../core/base/errors.ts";

/** What can go wrong while `skein demo` runs. */
export const demoErrors = defineErrors({
  nothingToEdit: {
    code: "SKN-1021",
    kind: "usage",
    title: "There is nothing in this repository that the demo could edit.",
    cause:
      "No task of the plan names a text file, or the repository has no commit with text files.",
    fix: "Name another repository with `--repo`, or another plan with `--plan`.",
  },
  noPlan: {
    code: "SKN-1022",
    kind: "usage",
    title: "The plan file cannot be read.",
    cause: "It does not exist, or its path is mistyped.",
    fix: "Name a plan file with `--plan`, or leave the option out.",
  },
  noRepository: {
    code: "SKN-1023",
    kind: "usage",
    title: "There is no git repository at the place that `--repo` names.",
    cause: "The folder does not exist, its path is mistyped, or nobody made it a repository.",
    fix: "Name the top of a repository with `--repo`, or leave the option out: the demo then takes the one around you, or its own sample.",
  },
  gitFailed: {
    code: "SKN-0021",
    kind: "failed",
    title: "A git command of the demo failed.",
    cause: "The demo works on copies in a temporary folder; what git said is among the facts.",
    fix: "Run the demo again with `--keep` and look into the folder that it names.",
  },
  agentFailed: {
    code: "SKN-0022",
    kind: "failed",
    title: "An agent of the demo ended with an error.",
    cause:
      "Its process ended by itself although work was left; the end of what it wrote is among the facts.",
    fix: "Run the demo again with `--keep` and look into the folder that it names.",
  },
  tooLong: {
    code: "SKN-9021",
    kind: "timeout",
    title: "A run of the demo took too long.",
    cause: "Some work did not end in the time that a run may take.",
    fix: "Try fewer agents with `--agents`, or a smaller plan.",
  },
});
