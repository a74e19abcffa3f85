import { defineErrors } from "../core/base/errors.ts";

/** The part of the error catalogue that speaks of `skein.yml` and its overrides. */
export const settingsErrors = defineErrors({
  settingsSyntax: {
    code: "SKN-2001",
    kind: "config",
    title: "skein.yml cannot be read.",
    cause: "The text is not valid YAML, or the file cannot be opened.",
    fix: "Mend the text at the named line and column.",
  },
  settingsKey: {
    code: "SKN-2002",
    kind: "config",
    title: "skein.yml has an unknown key.",
    cause: "Only the documented keys are read; an unknown one is mostly a typing error.",
    fix: "Correct or remove the key; docs/configuration.md lists them all.",
  },
  settingsValue: {
    code: "SKN-2003",
    kind: "config",
    title: "A setting has a wrong value.",
    cause: "The value has the wrong type or lies outside its range.",
    fix: "Write a value as docs/configuration.md describes it.",
  },
  settingsVariable: {
    code: "SKN-2004",
    kind: "config",
    title: "skein.yml refers to an environment variable that cannot be used.",
    cause:
      "The variable is not set and has no default, or its name says that it holds a secret: settings are shown and logged.",
    fix: "Set the variable, give a default as in ${NAME:-default}, or write the value itself.",
  },
  settingsOverride: {
    code: "SKN-2005",
    kind: "config",
    title: "A setting given by a flag or an environment variable has a wrong value.",
    cause: "The value has the wrong type or lies outside its range.",
    fix: "Correct or unset it; docs/configuration.md describes the values.",
  },
  settingsCommand: {
    code: "SKN-2006",
    kind: "config",
    title: "The command of a check needs a shell.",
    cause: "Commands are run without a shell, so that nothing in them is expanded or chained.",
    fix: 'Name the shell yourself: `run: [sh, -c, "first && second"]`.',
  },
  databasePassword: {
    code: "SKN-2022",
    kind: "config",
    title: "The address of a database holds a password where others can read it.",
    cause:
      "Every user of a machine sees the arguments of its processes, and skein.yml is committed.",
    fix: "Put the address into a variable or a file and name that: `env:NAME` or `file:/path`; or leave the password to PGPASSFILE.",
  },
  databaseNotAgreed: {
    code: "SKN-2023",
    kind: "config",
    title: "skein.yml names a database that nobody on this machine has agreed to.",
    cause:
      "A file that comes with a clone does not decide where this machine sends what its agents do.",
    fix: "Run `skein init` in this clone, which shows the database and writes it down; or set SKEIN_DATABASE_URL.",
  },
  badPin: {
    code: "SKN-2025",
    kind: "config",
    title: "The note of where this clone's ledger is cannot be used.",
    cause: "Its file in the git directory is no such note, or somebody else could have written it.",
    fix: "Look into the file, remove it, and run `skein init` again with the database.",
  },
  projectName: {
    code: "SKN-2024",
    kind: "config",
    title: "The name of the project cannot be used.",
    cause:
      "A project is named by up to four parts of small letters, digits, `.`, `_` and `-` with `/` between them, as `acme/shop`.",
    fix: "Choose such a name: `store.project` in skein.yml, SKEIN_PROJECT or --project.",
  },
});
