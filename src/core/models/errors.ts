import { defineErrors } from "../base/errors.ts";

/** The part of the error catalogue that speaks of models and their providers. */
export const modelErrors = defineErrors({
  badReply: {
    code: "SKN-0751",
    kind: "failed",
    title: "A model's provider answered with something that is no answer.",
    cause:
      "A proxy or a router stands in between, or the server does not speak the format of its kind.",
    fix: "Check `kind` and `base_url` of the provider in skein.yml, then run `skein models check`.",
  },
  aborted: {
    code: "SKN-0752",
    kind: "failed",
    title: "A call to a model was given up.",
    cause: "The run was interrupted, or its time was over.",
    fix: "Run it again; what was paid so far is counted.",
  },
  badRequest: {
    code: "SKN-2751",
    kind: "config",
    title: "A model's provider refused the request.",
    cause:
      "There is no model of this id, or it does not take what it was sent: a temperature, a limit, a header.",
    fix: "Check the model's `id` and what it `takes` in skein.yml, then run `skein models check`.",
  },
  notCommitted: {
    code: "SKN-2752",
    kind: "config",
    title: "The models of skein.yml are not committed.",
    cause:
      "Providers, keys and models count as they are committed on the default branch, so that no agent can send a key elsewhere or run a command by an edit.",
    fix: "Commit skein.yml on the default branch.",
  },
  noModels: {
    code: "SKN-2753",
    kind: "config",
    title: "No model is configured.",
    cause:
      "There is no skein.yml with `providers` and `models`, and nothing is called without them.",
    fix: "Add `providers` and `models` to skein.yml as docs/models.md shows, and commit it on the default branch; through a server its own skein.yml counts. A bot at GitHub without them needs ANTHROPIC_API_KEY or OPENAI_API_KEY.",
  },
  auth: {
    code: "SKN-3751",
    kind: "auth",
    title: "A model's provider does not accept the key.",
    cause: "The key is missing, wrong, expired, or has no right to this model.",
    fix: "Check what `api_key` of the provider in skein.yml refers to.",
  },
  trustByAgent: {
    code: "SKN-3752",
    kind: "auth",
    title: "Only a person can agree to a provider.",
    cause: "An agent runs this command, and agents do not decide where keys and prompts go.",
    fix: "Ask a person to run `skein models trust` in a terminal of their own.",
  },
  budget: {
    code: "SKN-6751",
    kind: "budget",
    title: "A budget does not hold the next call to a model.",
    cause:
      "What is spent and reserved, with the worst case of this call, would pass its limit; nothing was sent.",
    fix: "Raise the named budget in skein.yml on the default branch, run something smaller, or declare the price where that is what is missing.",
  },
  rateLimited: {
    code: "SKN-8751",
    kind: "unavailable",
    title: "A model's provider allows no more calls now.",
    cause: "The account's rate limit is used up, also after waiting.",
    fix: "Try again later, lower `concurrency`, or name another provider in `chains`.",
  },
  overloaded: {
    code: "SKN-8752",
    kind: "unavailable",
    title: "A model's provider is overloaded or out of order.",
    cause: "It answered with a server error each time.",
    fix: "Try again later, or name another provider in `chains`.",
  },
  network: {
    code: "SKN-8753",
    kind: "unavailable",
    title: "A model's provider cannot be reached.",
    cause: "The address is wrong, the server is down, or the network is.",
    fix: "Check `base_url` of the provider in skein.yml and the connection.",
  },
  open: {
    code: "SKN-8754",
    kind: "unavailable",
    title: "A model's provider is not asked for a while.",
    cause: "Five calls in a row failed, so its breaker is open for 300 seconds.",
    fix: "Wait, or name another provider in `chains`.",
  },
  redaction: {
    code: "SKN-8755",
    kind: "unsafe",
    title: "A prompt could not be searched for secrets.",
    cause: "The redactor failed, and without it nothing is sent.",
    fix: "Run the command with --debug and report what it says.",
  },
  notTrusted: {
    code: "SKN-8756",
    kind: "unsafe",
    title: "Nobody has agreed to a provider that this repository names.",
    cause:
      "It sends prompts and keys to an address of its own, or runs a program for its key, and whoever writes skein.yml could want just that.",
    fix: "Let a person run `skein models trust`; in CI set SKEIN_TRUSTED_PROVIDERS to the fingerprints that it prints.",
  },
  refusedInApp: {
    code: "SKN-8757",
    kind: "unsafe",
    title: "The App does not use a provider that this repository names.",
    cause:
      "Keys and addresses are those of whoever runs the App: a repository's skein.yml may name the variables and addresses that its operator allows, and no file, program or Vault for a key.",
    fix: "Maintainers: use `api_key: env:ANTHROPIC_API_KEY` with kind `anthropic`, or `env:OPENAI_API_KEY` with kind `openai`, and no `base_url`. Operator: name variables in SKEIN_BOT_KEYS and addresses in SKEIN_BOT_BASE_URLS.",
  },
  timeout: {
    code: "SKN-9751",
    kind: "timeout",
    title: "A model did not answer in time.",
    cause: "It is slow, or the prompt is long; each try has `timeout_seconds` of the provider.",
    fix: "Raise `timeout_seconds` of the provider in skein.yml, or take a faster model.",
  },
});
