import { defineErrors } from "../../core/base/errors.ts";

/** What can go wrong when Skein is set up in a repository. */
export const initErrors = defineErrors({
  unknownAgent: {
    code: "SKN-1091",
    kind: "usage",
    title: "There is no agent program of this name.",
    cause: "Skein knows how to configure claude, codex, gemini, opencode, cursor and vscode.",
    fix: "Name some of them with `--agents`, separated by commas, or `none`.",
  },
  needsYes: {
    code: "SKN-1092",
    kind: "usage",
    title: "Nobody is there to say yes.",
    cause: "Files would change, and this is no terminal to ask at.",
    fix: "Run it with `--dry-run` to see the changes, then with `--yes`.",
  },
  notJson: {
    code: "SKN-2091",
    kind: "config",
    title: "A configuration file cannot be read.",
    cause: "It is not the JSON that its program expects, so Skein would have to overwrite it.",
    fix: "Mend the file at the named place, then run `skein init` again.",
  },
  isBare: {
    code: "SKN-2092",
    kind: "config",
    title: "This repository has no files to configure.",
    cause: "It is a bare repository.",
    fix: "Run `skein init` in a worktree of it.",
  },
  hasOwnEntry: {
    code: "SKN-2093",
    kind: "config",
    title: "A file leaves no place for Skein's lines.",
    cause:
      "It names a server `skein` of its own, and its program reads no file in which one name stands twice; or lines of yours stand where Skein's belong. What you wrote is not overwritten.",
    fix: "Take those lines out, or leave that program out with `--agents`; then run `skein init` again.",
  },
  notToml: {
    code: "SKN-2094",
    kind: "config",
    title: "A configuration file is no TOML.",
    cause: "Its program reads nothing of it then, neither what you set nor Skein's server.",
    fix: "Mend the file at the named place, then run `skein init` again.",
  },
  notText: {
    code: "SKN-2095",
    kind: "config",
    title: "A configuration file cannot be read as text.",
    cause:
      "What Skein cannot read it would have to overwrite, and its program reads nothing of it either.",
    fix: "Put a plain file of UTF-8 in its place, or take it away, then run `skein init` again.",
  },
  leavesRepository: {
    code: "SKN-8091",
    kind: "unsafe",
    title: "A configuration file lies outside the repository.",
    cause: "It, or a folder above it, is a symbolic link that leads out.",
    fix: "Replace the link by a file of this repository, or leave that program out with `--agents`.",
  },
  noHandshake: {
    code: "SKN-0091",
    kind: "failed",
    title: "The configured server did not answer.",
    cause: "The command that was written into the configuration does not start Skein here.",
    fix: "Run the named command by hand to see why, or `skein doctor`.",
  },
});
