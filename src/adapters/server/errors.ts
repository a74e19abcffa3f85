import { defineErrors } from "../../core/base/errors.ts";

/** What can go wrong between this machine and a server of Skein. */
export const serverErrors = defineErrors({
  badAddress: {
    code: "SKN-1921",
    kind: "usage",
    title: "The address of the server is not one that Skein uses.",
    cause:
      "An address is https://HOST[:PORT][/p/PROJECT], without name, password, query or fragment; http is for this machine alone.",
    fix: "Correct the address, and give the token as `SKEIN_TOKEN`, `SKEIN_TOKEN_FILE` or by reference.",
  },
  staysHere: {
    code: "SKN-1922",
    kind: "usage",
    title: "This command cannot run through a server.",
    cause: "It needs the ledger and a working tree, or this machine, in one place.",
    fix: "Run it in the repository that the server serves, or name the server's database: `--db ADDRESS --project NAME` (docs/remote.md).",
  },
  workTooLarge: {
    code: "SKN-1923",
    kind: "usage",
    title: "Too much of the repository would have to be sent to the server.",
    cause:
      "A server has no worktree: a review sends it the diff, a draft of a plan the names of the files, both at most 3.5 MB.",
    fix: "Review a smaller range (`--range`, `--base`), or run the command where the server runs, or with the database itself.",
  },
  badWork: {
    code: "SKN-1924",
    kind: "usage",
    title: "What was sent of the repository cannot be read.",
    cause: "`work` is not as docs/serve.md describes it.",
    fix: "Send it as `skein mcp` and `skein review --url` do, or leave it out.",
  },
  noToken: {
    code: "SKN-2921",
    kind: "config",
    title: "There is no token for the server.",
    cause: "What its reference names is not there, is no token, or others can read it.",
    fix: "Set `SKEIN_TOKEN` or `SKEIN_TOKEN_FILE`, or run `skein init --url URL` again.",
  },
  notSkein: {
    code: "SKN-2922",
    kind: "config",
    title: "What answers at the server's address is not Skein.",
    cause: "The address leads to another service, or to a proxy that answers by itself.",
    fix: "Check the address; with several projects it ends in /p/PROJECT.",
  },
  badRecord: {
    code: "SKN-2923",
    kind: "config",
    title: "The note of this clone's server cannot be used.",
    cause:
      "Its file in the git directory is no JSON, somebody else could have written it, or this user may not look for it.",
    fix: "Run `skein init --url URL` again.",
  },
  refused: {
    code: "SKN-3921",
    kind: "auth",
    title: "The server does not accept the token.",
    cause: "It has expired, was revoked, or is for another project or server.",
    fix: "Ask for a new one: `skein token create` at the server.",
  },
  away: {
    code: "SKN-7921",
    kind: "unavailable",
    title: "The server cannot be reached.",
    cause: "It is stopped, or the network between it and this machine is down. Nothing was sent.",
    fix: "Start it again with `skein serve` on its machine, or correct the address here (`--url`, SKEIN_URL, `skein init --url`).",
  },
  unclear: {
    code: "SKN-7922",
    kind: "unavailable",
    title: "The server's answer did not arrive.",
    cause:
      "The connection broke, or the time ran out, after the call was sent: it may have been done.",
    fix: "Call again with the same key: it is done once.",
  },
  busy: {
    code: "SKN-7923",
    kind: "unavailable",
    title: "The server has too much to do.",
    cause: "It turned the call away before doing any of it.",
    fix: "Call again after the time that it named.",
  },
  failed: {
    code: "SKN-0921",
    kind: "failed",
    title: "The server failed.",
    cause: "It met something that it does not expect; its log says more.",
    fix: "Try again; when it stays, look into the server's log.",
  },
  notAgreed: {
    code: "SKN-8921",
    kind: "unsafe",
    title: "skein.yml names a server that nobody here has agreed to.",
    cause:
      "Whoever clones a repository takes over its skein.yml; work and a token go to a server only after a person said so in this clone.",
    fix: "Look at `server` in skein.yml, then run `skein init --url URL`.",
  },
});
