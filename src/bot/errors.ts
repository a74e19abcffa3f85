import { defineErrors } from "../core/base/errors.ts";

/** What can go wrong between GitHub and Skein's handlers. */
export const botErrors = defineErrors({
  bug: {
    code: "SKN-0941",
    kind: "failed",
    title: "Internal error.",
    cause: "Skein met something that it does not expect: this is a bug.",
    fix: "Run the job again with debug logging, and report what it prints.",
  },
  noDraft: {
    code: "SKN-0942",
    kind: "failed",
    title: "The job that asks models made no plan.",
    cause:
      "No answer was a plan that can be shown, a limit was reached, or no model could be asked.",
    fix: "Look into the log of the job with `stage: think`, and ask `skein explain` for the code that it shows.",
  },
  badInput: {
    code: "SKN-1941",
    kind: "usage",
    title: "An input of the Action is wrong.",
    cause: "A value under `with:` is of the wrong kind, out of its range, or no word of its list.",
    fix: "Correct the named input in the workflow.",
  },
  badEvent: {
    code: "SKN-1942",
    kind: "usage",
    title: "The event cannot be read.",
    cause:
      "The file that GITHUB_EVENT_PATH names is missing, too large, no JSON, or lacks a field that GitHub always sends.",
    fix: "Run Skein in a job of GitHub Actions, on an event that GitHub sent.",
  },
  noRunner: {
    code: "SKN-2941",
    kind: "config",
    title: "This is no runner of GitHub Actions.",
    cause: "A variable that every runner sets is missing.",
    fix: "Start Skein with `uses:` in a workflow; on your own machine use the `skein` command.",
  },
  noToken: {
    code: "SKN-2942",
    kind: "config",
    title: "There is no token for GitHub.",
    cause: "The input `github-token` is empty, or the job may not have one.",
    fix: "Leave `github-token` out, so that the job's own token is used, and give the job the permissions that docs/github.md names.",
  },
  noSettings: {
    code: "SKN-2943",
    kind: "config",
    title: "There are no settings where `config` says.",
    cause:
      "The default branch has no file of the name that the input `config` gives, and to go on would be to go on without its rules and budgets.",
    fix: "Correct the input, or commit the file to the default branch; without the input `skein.yml` and `.github/skein.yml` are looked for.",
  },
  noCheckout: {
    code: "SKN-5942",
    kind: "missing",
    title: "There is no checkout to read the change from.",
    cause: "Changes are read from local git, and the job has not checked the repository out.",
    fix: "Put a step with `actions/checkout` before Skein; a shallow one is enough.",
  },
  noHandover: {
    code: "SKN-5941",
    kind: "missing",
    title: "The job before this one handed nothing over.",
    cause:
      "The file is not where `handover-path` says, or its artifact was not downloaded into this job.",
    fix: "Download the artifact of the job before this step, and name the file in `handover-path`.",
  },
  badHandover: {
    code: "SKN-8941",
    kind: "unsafe",
    title: "What was handed over does not belong to this run.",
    cause:
      "It was made for another repository, number or commit, was changed on its way, or is no file that Skein wrote.",
    fix: "Run all jobs of the workflow again from the first; when it stays, look who can write the artifact.",
  },
  sharedPowers: {
    code: "SKN-8942",
    kind: "unsafe",
    title: "This job holds a power that its stage must not have.",
    cause:
      "Model keys belong to `stage: think` alone, so that no job holds both them and the right to write; the token of a server is for the rules, which have a job of their own; `collect` holds no secret.",
    fix: "Take the named input out of this job.",
  },
  cancelled: {
    code: "SKN-9941",
    kind: "timeout",
    title: "The job was cancelled.",
    cause: "A newer run took its place, somebody cancelled it, or its time was over.",
    fix: "Run it again if its result is still wanted.",
  },
});
